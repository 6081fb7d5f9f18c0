
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace FocalMlNet.Tests.Training;

/// <summary>What FocalSgd of several classes leaves behind, and what ML.NET can do with it.</summary>
public sealed class MulticlassModelTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    /// <summary>
    /// Of the rows at -1 two of ten are of the second class, of those at 1 eight of ten, and the one far out cannot but be of the second:
    /// the minimum is known.
    /// </summary>
    [Theory]
    [InlineData(30, 0)]
    [InlineData(3000, 0)]
    [InlineData(3000, 2)]
    public void A_row_far_out_does_not_change_the_probabilities_of_the_others(float far, double gamma)
    {
        Observation[] rows =
        [
            .. Enumerable.Range(0, 10).Select(i => new Observation { Kind = i % 5 < 4 ? "no" : "yes", Features = [-1] }),
            .. Enumerable.Range(0, 10).Select(i => new Observation { Kind = i % 5 < 4 ? "yes" : "no", Features = [1] }),
            new() { Kind = "yes", Features = [far] },
        ];
        var view = View(rows);
        var model = _mlContext.Transforms.Conversion.MapValueToKey("Label", nameof(Observation.Kind))
            .Append(_mlContext.MulticlassClassification.Trainers.FocalSgd(gamma: gamma, l2Regularization: 1e-7))
            .Fit(view);
        float[][] scores = [.. model.Transform(view).GetColumn<float[]>("Score")];
        // "no" comes first, so that it is the first key.
        Assert.All(scores[..10], p => Assert.Equal(.2, p[1], .01));
        Assert.All(scores[10..20], p => Assert.Equal(.8, p[1], .01));
        Assert.InRange(scores[20][1], .99, 1);
    }

    /// <summary>c Σ a L + λ/2 ‖w‖² has its minimum where Σ a L + λ/(2 c) ‖w‖² has it.</summary>
    [Theory]
    [InlineData(1e-9, MulticlassFormulation.Softmax, 0)]
    [InlineData(1e-9, MulticlassFormulation.Softmax, 2)]
    [InlineData(1e-9, MulticlassFormulation.OneVersusAll, 2)]
    [InlineData(1e9, MulticlassFormulation.Softmax, 2)]
    [InlineData(1e-15, MulticlassFormulation.Softmax, 0)]
    [InlineData(1e-15, MulticlassFormulation.Softmax, 2)]
    [InlineData(1e-15, MulticlassFormulation.OneVersusAll, 2)]
    [InlineData(1e15, MulticlassFormulation.Softmax, 2)]
    public void The_unit_of_the_class_weights_is_that_of_the_penalty(double unit, MulticlassFormulation formulation, double gamma)
    {
        var rows = MulticlassRows.Gaussian(2000, classes: 3);
        var view = MulticlassRows.View(_mlContext, rows, 3);
        float[] Scores(double c)
        {
            var isConverged = false;
            var model = _mlContext.MulticlassClassification.Trainers.FocalSgd(new FocalSgdMulticlassTrainer.Options
            {
                Formulation = formulation,
                Gamma = gamma,
                ClassWeighting = ClassWeighting.Custom(c, 2 * c, c),
                L2Regularization = 1e-3 * c,
                ConvergenceTolerance = 1e-8,
                Completed = outcome => isConverged = outcome.IsConverged,
            }).Fit(view);
            Assert.True(isConverged);
            return [.. MulticlassRows.Score(_mlContext, model, view).SelectMany(row => row.Score)];
        }

        Assert.All(Scores(1).Zip(Scores(unit)), pair => Assert.Equal(pair.First, pair.Second, 2e-3f));
    }

    /// <summary>A class that weighs nothing had no part in training: its probability is near 0, and calibration leaves it there.</summary>
    [Theory]
    [InlineData(MulticlassFormulation.Softmax, 1e3f)]
    [InlineData(MulticlassFormulation.OneVersusAll, 1e3f)]
    [InlineData(MulticlassFormulation.Softmax, 1e12f)]
    [InlineData(MulticlassFormulation.OneVersusAll, 1e5f)]
    [InlineData(MulticlassFormulation.OneVersusAll, 1e30f)]
    public void A_class_of_weight_0_far_out_leaves_the_others_their_probabilities(MulticlassFormulation formulation, float far)
    {
        // Of the rows at -1 a fifth is of the last class, of those at 1 four fifths.
        MulticlassRow[] others = [.. Enumerable.Range(0, 1000).Select(i => new MulticlassRow
        {
            Label = i % 10 < 5 == (i % 5 < 4) ? 1u : 2u,
            Features = [i % 10 < 5 ? -1 : 1],
        })];
        MulticlassRow[] rows = [.. others, .. Enumerable.Range(0, 20).Select(i => new MulticlassRow { Label = 0, Features = [far + i] })];
        var model = _mlContext.MulticlassClassification.Trainers.FocalSgd(new FocalSgdMulticlassTrainer.Options
        {
            Formulation = formulation,
            ClassWeighting = ClassWeighting.Custom(0, 1, 1),
            L2Regularization = 1e-7,
        }).Fit(MulticlassRows.View(_mlContext, rows, 3));
        var scored = MulticlassRows.Score(_mlContext, model, MulticlassRows.View(_mlContext, others, 3));
        Assert.All(scored.Zip(others), pair =>
        {
            Assert.Equal(pair.Second.Features[0] < 0 ? .2 : .8, pair.First.Score[2], .03);
            Assert.InRange(pair.First.Score[0], 0, .03);
        });
    }

    /// <summary>The stock trainer's model has room for any score, and so has to be the one here.</summary>
    [Fact]
    public void Among_a_thousand_rows_one_far_out_costs_the_others_nothing()
    {
        var rows = MulticlassRows.Gaussian(1000, classes: 3);
        MulticlassRow[] all = [new() { Label = 1, Features = [1e5f, 0, 0] }, .. rows];
        var trainers = _mlContext.MulticlassClassification.Trainers;
        var ours = LogLoss(trainers.FocalSgd(gamma: 0, l2Regularization: 1e-7));
        var stock = LogLoss(trainers.LbfgsMaximumEntropy(l1Regularization: 0, l2Regularization: 1e-4f));

        var frequencies = rows.CountBy(row => row.Label).Sum(k => -k.Value / 1000.0 * Math.Log(k.Value / 1000.0));
        Assert.True(ours < frequencies / 2, $"{ours}, class frequencies {frequencies}");
        Assert.True(ours < stock + .005, $"{ours}, stock {stock}");

        double LogLoss(IEstimator<ITransformer> trainer)
        {
            var model = trainer.Fit(MulticlassRows.View(_mlContext, all));
            var scored = MulticlassRows.Score(_mlContext, model, MulticlassRows.View(_mlContext, rows));
            return scored.Average(row => -Math.Log(row.Score[row.Label - 1]));
        }
    }

    [Fact]
    public void The_weights_of_a_softmax_model_can_be_read()
    {
        var view = MulticlassRows.View(_mlContext, MulticlassRows.Gaussian(500));
        var trainer = _mlContext.MulticlassClassification.Trainers.FocalSgd();
        var model = trainer.Fit(view);

        VBuffer<float>[] weights = [];
        var softmax = Assert.IsType<MaximumEntropyModelParameters>(model.Model);
        softmax.GetWeights(ref weights, out var classCount);

        var expected = trainer.Solve(view);
        Assert.Equal(4, classCount);
        Assert.Equal(expected.Coefficients, weights.Select(w => w.DenseValues().ToArray()));
        Assert.Equal(expected.Offsets, softmax.GetBiases());
        Assert.IsType<MulticlassPredictionTransformer<MaximumEntropyModelParameters>>(model);
    }

    [Fact]
    public void One_versus_all_is_a_stock_one_versus_all_model()
    {
        var model = _mlContext.MulticlassClassification.Trainers.FocalSgd(formulation: MulticlassFormulation.OneVersusAll)
            .Fit(MulticlassRows.View(_mlContext, MulticlassRows.Gaussian(200)));
        Assert.IsType<MulticlassPredictionTransformer<OneVersusAllModelParameters>>(model);
        Assert.IsType<OneVersusAllModelParameters>(model.Model);
    }

    public static TheoryData<string, MulticlassFormulation> Labels
    {
        get
        {
            TheoryData<string, MulticlassFormulation> all = [];
            foreach (var formulation in Enum.GetValues<MulticlassFormulation>())
            {
                all.Add(nameof(Observation.Kind), formulation);
                all.Add(nameof(Observation.Number), formulation);
                all.Add(nameof(Observation.Whole), formulation);
                all.Add(nameof(Observation.Day), formulation);
            }

            return all;
        }
    }

    /// <summary>Whatever the labels are, the output columns tell of them what those of the stock trainer tell, also when loaded.</summary>
    [Theory]
    [MemberData(nameof(Labels))]
    public void The_output_columns_are_those_of_the_stock_trainer(string labelColumn, MulticlassFormulation formulation)
    {
        var view = View(
        [
            .. Enumerable.Range(0, 90).Select(i => new Observation
            {
                Kind = $"kind {i % 3}",
                Number = i % 3 + .5f,
                Whole = i % 3 - 7,
                Day = new DateTime(2020, 1, 1 + i % 3),
                Features = [i % 3 + i % 7 * .1f, i % 5],
            }),
        ]);
        var keyed = _mlContext.Transforms.Conversion.MapValueToKey("Key of it", labelColumn)
            .Append(_mlContext.Transforms.CopyColumns("What is known", "Features")).Fit(view).Transform(view);
        var trainers = _mlContext.MulticlassClassification.Trainers;
        var expected = trainers.LbfgsMaximumEntropy("Key of it", "What is known").Fit(keyed).Transform(keyed).Schema;
        var model = trainers.FocalSgd("Key of it", "What is known", formulation: formulation).Fit(keyed);
        using var file = new MemoryStream();
        _mlContext.Model.Save(model, keyed.Schema, file);
        file.Position = 0;

        foreach (var schema in new[] { model.Transform(keyed).Schema, _mlContext.Model.Load(file, out _).Transform(keyed).Schema })
        {
            Assert.Equal(expected.Select(column => (column.Name, column.Type)), schema.Select(column => (column.Name, column.Type)));
            foreach (var name in new[] { "Score", "PredictedLabel" })
                Assert.Equal(Annotations(expected[name]), Annotations(schema[name]));
        }

        static List<string> Annotations(DataViewSchema.Column column)
            => [.. column.Annotations.Schema.Where(a => a.Name != "ScoreColumnSetId")
                .Select(a => $"{a.Name} {a.Type} {Value(column.Annotations, a)}")];

        static string Value(DataViewSchema.Annotations annotations, DataViewSchema.Column annotation)
            => annotation.Type is not VectorDataViewType { ItemType.RawType: var type } ? ""
                : type == typeof(ReadOnlyMemory<char>) ? Values<ReadOnlyMemory<char>>(annotations, annotation.Name)
                : type == typeof(float) ? Values<float>(annotations, annotation.Name)
                : type == typeof(int) ? Values<int>(annotations, annotation.Name)
                : Values<DateTime>(annotations, annotation.Name);

        static string Values<T>(DataViewSchema.Annotations annotations, string name)
        {
            VBuffer<T> values = default;
            annotations.GetValue(name, ref values);
            return string.Join(", ", values.DenseValues());
        }
    }

    [Theory]
    [InlineData(MulticlassFormulation.Softmax)]
    [InlineData(MulticlassFormulation.OneVersusAll)]
    public void Cancelled_after_the_last_step_no_model_comes(MulticlassFormulation formulation)
    {
        using var source = new CancellationTokenSource();
        var trainer = _mlContext.MulticlassClassification.Trainers.FocalSgd(new FocalSgdMulticlassTrainer.Options
        {
            Formulation = formulation,
            Calibration = CalibrationMethod.None,
            CancellationToken = source.Token,
            Log = line =>
            {
                if (line.StartsWith("Objective", StringComparison.Ordinal))
                    source.Cancel();
            },
        });
        Assert.Throws<OperationCanceledException>(() => trainer.Fit(MulticlassRows.View(_mlContext, MulticlassRows.Gaussian(300))));
        Assert.True(source.IsCancellationRequested);
    }

    /// <summary>The first two features tell the classes apart, the third has no meaning.</summary>
    [Theory]
    [InlineData(MulticlassFormulation.Softmax)]
    [InlineData(MulticlassFormulation.OneVersusAll)]
    public void Permutation_feature_importance_takes_the_model(MulticlassFormulation formulation)
    {
        var view = MulticlassRows.View(_mlContext, MulticlassRows.Gaussian(600));
        var model = _mlContext.MulticlassClassification.Trainers.FocalSgd(formulation: formulation).Fit(view);
        var importance = _mlContext.MulticlassClassification.PermutationFeatureImportance(model, view);
        double[] losses = [.. importance.Select(metrics => metrics.MicroAccuracy.Mean)];
        Assert.Equal(3, losses.Length);
        Assert.All(losses[..2], loss => Assert.InRange(loss, -1, -.1));
        Assert.InRange(losses[2], -.02, .02);
    }

    [Theory]
    [InlineData(MulticlassFormulation.Softmax)]
    [InlineData(MulticlassFormulation.OneVersusAll)]
    public void Cross_validation_and_a_pipeline_take_the_trainer(MulticlassFormulation formulation)
    {
        var view = MulticlassRows.View(_mlContext, MulticlassRows.Gaussian(600));
        var trainer = _mlContext.MulticlassClassification.Trainers.FocalSgd(formulation: formulation);
        var pipeline = _mlContext.Transforms.NormalizeMeanVariance("Features").Append(trainer);
        Assert.Equal("Features", pipeline.Fit(view).LastTransformer.FeatureColumnName);
        var stock = _mlContext.MulticlassClassification.CrossValidate(view, pipeline, 3);
        Assert.All(stock, fold => Assert.InRange(fold.Metrics.MicroAccuracy, .7, 1));
        var own = _mlContext.MulticlassClassification.CrossValidateImbalanced(view, pipeline, 3);
        Assert.All(own.Folds, fold => Assert.InRange(fold.Metrics[MulticlassMetric.Accuracy], .7, 1));
    }

    private IDataView View(Observation[] rows)
    {
        var definition = SchemaDefinition.Create(typeof(Observation));
        definition[nameof(Observation.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, rows[0].Features.Length);
        return _mlContext.Data.LoadFromEnumerable(rows, definition);
    }

    private sealed class Observation
    {
        public string Kind { get; set; } = "";

        public float Number { get; set; }

        public int Whole { get; set; }

        public DateTime Day { get; set; }

        public float[] Features { get; set; } = [];
    }
}
