
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests.Weighting;

public sealed class ClassBalancingTests : IDisposable
{
    private readonly MLContext _mlContext = new(seed: 1);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("focal-");

    [Fact]
    public void Balanced_weights_give_every_class_the_same_total_and_a_row_the_mean_1()
    {
        // 2 of 8 are positive: 8 / (2 · 2) and 8 / (2 · 6).
        var transformer = Fit("Label", null);
        Assert.Equal(["False", "True"], transformer.Classes);
        Assert.Equal([2 / 3.0, 2], transformer.ClassWeights);
        Assert.Equal(Items.Select(i => i.Label ? 2f : 2 / 3f), Weights(transformer));
    }

    [Fact]
    public void Text_labels_are_in_the_order_of_their_characters_and_an_empty_one_is_missing()
    {
        // B occurs once, a 4 times, c twice; one text is empty. Balanced over the 3 classes and 7 rows that count.
        var transformer = Fit("Text", null);
        Assert.Equal(["B", "a", "c"], transformer.Classes);
        Assert.Equal([7 / 3.0, 7 / 12.0, 7 / 6.0], transformer.ClassWeights.Select(w => w), (x, y) => Math.Abs(x - y) < 1e-12);
        Assert.Equal(0, Weights(transformer)[^1]);
        Assert.Equal([10, 20, 30], Fit("Text", ClassWeighting.Custom(10, 20, 30)).ClassWeights);
    }

    [Fact]
    public void Key_labels_are_looked_up_by_their_value_and_not_by_its_index()
    {
        var view = Keys();
        var transformer = _mlContext.Transforms.BalanceClasses("Out", "Key", ClassWeighting.Custom(10, 20, 30)).Fit(view);
        Assert.Equal(["1", "2", "3"], transformer.Classes);
        var expected = Items.Select(i => i.Text switch { "a" => 10f, "B" => 20f, "c" => 30f, _ => 0f });
        Assert.Equal(expected, transformer.Transform(view).GetColumn<float>("Out"));
    }

    [Fact]
    public void A_member_with_a_key_type_is_looked_up_by_its_value_in_the_column()
    {
        // In the object keys count from 0, in the column from 1; 4, beyond the last of 4, is missing.
        var view = _mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 5).Select(k => new KeyItem { Key = (uint)k }));
        var transformer = _mlContext.Transforms.BalanceClasses("Out", "Key", ClassWeighting.Custom(10, 20, 30, 40)).Fit(view);
        Assert.Equal([10, 20, 30, 40, 0], transformer.Transform(view).GetColumn<float>("Out"));
    }

    [Fact]
    public void Other_rules_are_those_of_class_weighting()
    {
        // (1 - β) / (1 - β^n) at β = .5: 6 rows .507937, 2 rows .666667; scaled to mean 1.
        var weights = Fit("Label", ClassWeighting.EffectiveNumber(.5)).ClassWeights;
        Assert.Equal(.8648649, weights[0], 1e-6);
        Assert.Equal(1.1351351, weights[1], 1e-6);
        Assert.Equal([.25, .75], Fit("Label", ClassWeighting.InverseFrequency).ClassWeights);
    }

    [Fact]
    public void An_existing_weight_counts_as_that_many_rows_and_is_multiplied()
    {
        var view = View();
        var transformer = _mlContext.Transforms.BalanceClasses("Out", "Label", exampleWeightColumnName: "Weight").Fit(view);
        // Weights 1 to 8; positives are rows 3 and 6: 9 of 36. 36 / (2 · 9) and 36 / (2 · 27).
        Assert.Equal([2 / 3.0, 2], transformer.ClassWeights);
        Assert.Equal(Items.Select(i => (i.Label ? 2f : (float)(2 / 3.0)) * i.Weight), transformer.Transform(view).GetColumn<float>("Out"));
    }

    [Fact]
    public void A_class_that_was_not_there_in_fitting_has_weight_0()
    {
        var some = _mlContext.Data.LoadFromEnumerable(Items.Where(i => i.Text != "c"));
        Assert.Equal(Items.Select(i => i.Text == "c" || i.Text.Length == 0),
            Weights(_mlContext.Transforms.BalanceClasses("Out", "Text").Fit(some)).Select(w => w == 0));

        // The key knows the class, but no row has it.
        var keys = _mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 3).Select(k => new KeyItem { Key = (uint)k }));
        Assert.Equal([1, 1, 1, 0], _mlContext.Transforms.BalanceClasses("Out", "Key").Fit(keys).ClassWeights);
    }

    [Fact]
    public void A_key_may_have_other_values_than_in_fitting()
    {
        // a, B, c are 1, 2, 3; then two more words come.
        var fitted = _mlContext.Transforms.BalanceClasses("Out", "Key", ClassWeighting.Custom(10, 20, 30)).Fit(Keys());
        Item[] items = [.. "edcaB".Select(c => new Item { Text = c.ToString() })];
        var words = _mlContext.Data.LoadFromEnumerable("aBcde".Select(c => new Item { Text = c.ToString() }).ToArray());
        var data = _mlContext.Data.LoadFromEnumerable(items);
        var keys = _mlContext.Transforms.Conversion.MapValueToKey("Key", "Text").Fit(words).Transform(data);
        Assert.Equal([0, 0, 30, 10, 20], fitted.Transform(keys).GetColumn<float>("Out"));
    }

    [Fact]
    public void A_trainer_takes_the_weights_as_those_of_its_rows()
    {
        var rows = Rows.Gaussian(2000);
        var trainers = _mlContext.BinaryClassification.Trainers;
        var view = Rows.View(_mlContext, rows);
        var balanced = _mlContext.Transforms.BalanceClasses("Balance")
            .Append(trainers.LbfgsLogisticRegression(exampleWeightColumnName: "Balance")).Fit(view);
        var positives = rows.Count(r => r.Label);
        foreach (var row in rows)
            row.Weight = rows.Length / 2f / (row.Label ? positives : rows.Length - positives);
        var byHand = trainers.LbfgsLogisticRegression(exampleWeightColumnName: "Weight").Fit(view);
        Assert.All(byHand.Model.SubModel.Weights.Zip(balanced.LastTransformer.Model.SubModel.Weights),
            pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_saved_pipeline_scores_rows_without_label_in_a_program_that_has_only_ML_NET(bool withWeights)
    {
        var rows = Rows.Gaussian(1500);
        var view = Rows.View(_mlContext, rows);
        var model = _mlContext.Transforms.BalanceClasses("Balance", exampleWeightColumnName: withWeights ? "Weight" : null)
            .Append(_mlContext.Transforms.NormalizeMinMax("Features"))
            .Append(_mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression(exampleWeightColumnName: "Balance")).Fit(view);
        var modelFile = Path.Combine(_folder.FullName, "model.zip");
        _mlContext.Model.Save(model, view.Schema, modelFile);

        var output = ModelConsumer.Score(modelFile, rows.Select(row => row.Features), _folder);

        Assert.Equal(Rows.Score(_mlContext, model, view).Select(row => ModelConsumer.Line(row.Score, row.Probability, row.PredictedLabel)),
            output);
    }

    [Fact]
    public void A_prediction_engine_needs_no_label_neither_before_saving_nor_after()
    {
        var fitted = _mlContext.Transforms.BalanceClasses("Balance", exampleWeightColumnName: "Weight")
            .Append(_mlContext.Transforms.CopyColumns("Copy", "Number")).Fit(View());
        var file = Path.Combine(_folder.FullName, "model.zip");
        _mlContext.Model.Save(fitted, View().Schema, file);
        foreach (var model in new[] { fitted, _mlContext.Model.Load(file, out _) })
        {
            using var engine = _mlContext.Model.CreatePredictionEngine<Bare, BareCopy>(model);
            Assert.Equal(7, engine.Predict(new Bare { Number = 7 }).Copy);
        }
    }

    [Theory]
    [InlineData("nothing", false)]
    [InlineData("drop", false)]
    [InlineData("drop", true)]
    [InlineData("select", false)]
    [InlineData("expression", true)]
    public void Later_steps_may_drop_or_use_the_weights_before_saving_and_after(string step, bool withWeights)
    {
        var view = Rows.View(_mlContext, Rows.Gaussian(500));
        var unlabelled = _mlContext.Transforms.SelectColumns("Features").Fit(view).Transform(view);
        var trained = _mlContext.Transforms.NormalizeMinMax("Features")
            .Append(_mlContext.Transforms.BalanceClasses("Balance", exampleWeightColumnName: withWeights ? "Weight" : null))
            .Append(_mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression(exampleWeightColumnName: "Balance"));
        IEstimator<ITransformer> pipeline = step switch
        {
            "drop" => trained.Append(_mlContext.Transforms.DropColumns("Balance")),
            "select" => trained.Append(_mlContext.Transforms.SelectColumns("Balance", "Score", "Probability", "PredictedLabel")),
            "expression" => trained.Append(_mlContext.Transforms.Expression("Twice", "w => 2 * w", "Balance")),
            _ => trained,
        };
        var fitted = pipeline.Fit(view);
        var modelFile = Path.Combine(_folder.FullName, "model.zip");
        _mlContext.Model.Save(fitted, view.Schema, modelFile);
        var loaded = _mlContext.Model.Load(modelFile, out _);

        foreach (var data in new[] { view, unlabelled })
        {
            TransformChecks.SameSchema(fitted.Transform(data).Schema, loaded.Transform(data).Schema);
            TransformChecks.SameSchema(fitted.Transform(data).Schema, fitted.GetOutputSchema(data.Schema));
        }

        Row[] rows = Rows.Gaussian(20);
        var definition = SchemaDefinition.Create(typeof(Bare));
        definition[nameof(Bare.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 3);
        using var engine = _mlContext.Model.CreatePredictionEngine<Bare, Scored>(fitted, inputSchemaDefinition: definition);
        var lines = rows.Select(row => engine.Predict(new Bare { Features = row.Features }))
            .Select(s => ModelConsumer.Line(s.Score, s.Probability, s.PredictedLabel));
        Assert.Equal(lines, ModelConsumer.Score(modelFile, rows.Select(row => row.Features), _folder));
    }

    [Fact]
    public void Data_without_labels_has_weights_of_0_before_saving_and_after()
    {
        var fitted = _mlContext.Transforms.BalanceClasses("Out", "Text", exampleWeightColumnName: "Weight").Fit(View());
        var file = Path.Combine(_folder.FullName, "model.zip");
        _mlContext.Model.Save(fitted, View().Schema, file);
        foreach (var columns in new[] { new[] { "Number" }, ["Number", "Text"], ["Number", "Weight"] })
        {
            var some = _mlContext.Transforms.SelectColumns(columns).Fit(View()).Transform(View());
            Assert.Equal(new float[8], fitted.Transform(some).GetColumn<float>("Out"));
            Assert.Equal(new float[8], _mlContext.Model.Load(file, out _).Transform(some).GetColumn<float>("Out"));
        }

        // A column of that name that is no such label is none: a prediction may have anything there.
        var other = _mlContext.Transforms.CopyColumns("Text", "Number").Fit(View()).Transform(View());
        Assert.Equal(new float[8], fitted.Transform(other).GetColumn<float>("Out"));

        // A model that is loaded knows no classes: nobody can train with its zeros and not notice.
        Assert.Equal(new float[8], _mlContext.Model.Load(file, out _).Transform(View()).GetColumn<float>("Out"));
    }

    [Theory]
    [InlineData("Score")]
    [InlineData("Probability")]
    [InlineData("PredictedLabel")]
    public void Columns_of_scored_data_are_kept(string name)
    {
        var view = _mlContext.Transforms.CopyColumns(name, "Number").Fit(View()).Transform(View());
        var fitted = _mlContext.Transforms.BalanceClasses("Out").Fit(view);
        var file = Path.Combine(_folder.FullName, "model.zip");
        _mlContext.Model.Save(fitted, view.Schema, file);
        var unlabelled = _mlContext.Transforms.DropColumns("Label").Fit(view).Transform(view);
        foreach (var model in new[] { fitted, _mlContext.Model.Load(file, out _) })
        {
            Assert.Equal(Items.Select(item => item.Number), model.Transform(view).GetColumn<float>(name));
            Assert.Equal(Items.Select(item => item.Number), model.Transform(unlabelled).GetColumn<float>(name));
            TransformChecks.SameSchema(unlabelled.Schema, model.Transform(unlabelled).Schema);
        }
    }

    [Fact]
    public void The_weight_mapping_travels_where_it_is_wanted()
    {
        var transformer = _mlContext.Transforms.BalanceClasses("Out", "Text", exampleWeightColumnName: "Weight").Fit(View());
        var file = Path.Combine(_folder.FullName, "weights.zip");
        _mlContext.Model.Save(transformer.WeightMapping, View().Schema, file);
        Assert.Equal(Weights(transformer), _mlContext.Model.Load(file, out _).Transform(View()).GetColumn<float>("Out"));
    }

    [Fact]
    public void The_conventions_of_ML_NET_hold()
    {
        foreach (var (label, weight) in new[] { ("Label", null), ("Text", "Weight"), ("Key", "Weight") })
        {
            var estimator = _mlContext.Transforms.BalanceClasses("Out", label, exampleWeightColumnName: weight);
            TransformChecks.SchemasAgree(estimator, Keys());
            TransformChecks.CursorsAgree(estimator.Fit(Keys()).Transform(Keys()), "Out");
        }
    }

    [Fact]
    public void Fits_and_transformations_on_several_threads_at_once_agree()
    {
        var (view, estimator) = (Keys(), _mlContext.Transforms.BalanceClasses("Out", "Text", exampleWeightColumnName: "Weight"));
        float[] expected = [.. estimator.Fit(view).Transform(view).GetColumn<float>("Out")];
        Parallel.For(0, 32, _ => Assert.Equal(expected, estimator.Fit(view).Transform(view).GetColumn<float>("Out")));
    }

    [Fact]
    public void Fitting_reads_the_data_once_and_transforming_when_it_is_asked_to()
    {
        var reads = 0;
        var view = Rows.View(_mlContext, Rows.Gaussian(50), () => reads++);
        var transformed = _mlContext.Transforms.BalanceClasses("Out").Fit(view).Transform(view);
        Assert.Equal(1, reads);
        _ = transformed.GetColumn<float>("Out").ToArray();
        Assert.Equal(2, reads);
    }

    [Theory]
    [InlineData("Nope", null, "The label column 'Nope' is missing. The input has: Label, Text, Weight, Number.")]
    [InlineData("Weight", null, "The label column 'Weight' is of type Single, but it should be Boolean, a Key or text.")]
    [InlineData("Label", "Nope", "The weight column 'Nope' is missing. The input has: Label, Text, Weight, Number.")]
    [InlineData("Label", "Text", "The weight column 'Text' is of type String, but it should be Single.")]
    public void A_column_that_is_missing_or_of_the_wrong_type_is_refused(string label, string? weight, string message)
        => TransformChecks.BothRefuse(_mlContext.Transforms.BalanceClasses("Out", label, exampleWeightColumnName: weight), View(), message);

    [Theory]
    [InlineData(0, "Label column 'Label' has no row with a class and a weight above 0: there is nothing to balance.")]
    [InlineData(-1, "Column 'Weight' has weight -1 in row 0, but it should be in [0; 1E+30].")]
    [InlineData(float.NaN, "Column 'Weight' has weight NaN in row 0, but it should be in [0; 1E+30].")]
    public void Example_weights_that_cannot_be_used_are_refused(float weight, string message)
    {
        var view = _mlContext.Data.LoadFromEnumerable(Items.Select(i => new Item { Label = i.Label, Weight = weight }));
        var estimator = _mlContext.Transforms.BalanceClasses("Out", exampleWeightColumnName: "Weight");
        Assert.Equal(message, Assert.Throws<InvalidOperationException>(() => estimator.Fit(view)).Message);
    }

    [Fact]
    public void Custom_weights_of_another_number_are_refused()
    {
        var error = Assert.Throws<InvalidOperationException>(() => Fit("Text", ClassWeighting.Custom(1, 2)));
        Assert.Equal("Custom(1, 2) has 2 weights, but label column 'Text' has 3 classes.", error.Message);
        error = Assert.Throws<InvalidOperationException>(() =>
            _mlContext.Transforms.BalanceClasses("Out", weighting: ClassWeighting.Custom(0, 1))
                .Fit(_mlContext.Data.LoadFromEnumerable(Items.Where(i => !i.Label))));
        Assert.Equal("Custom(0, 1) gives every class that occurs in label column 'Label' the weight 0.", error.Message);
    }

    [Fact]
    public void The_output_has_a_name_of_its_own()
    {
        var error = Assert.Throws<ArgumentException>(
            () => _mlContext.Transforms.BalanceClasses("Weight", exampleWeightColumnName: "Weight"));
        Assert.StartsWith("outputColumnName = Weight, but it should be another column than exampleWeightColumnName", error.Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => _mlContext.Transforms.BalanceClasses(""));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static readonly Item[] Items = [.. "aaBacac".Append(' ').Select((c, i) => new Item
    {
        Label = i is 2 or 5,
        Text = c == ' ' ? "" : c.ToString(),
        Weight = i + 1,
        Number = i,
    })];

    private IDataView View() => _mlContext.Data.LoadFromEnumerable(Items);

    private IDataView Keys() => _mlContext.Transforms.Conversion.MapValueToKey("Key", "Text").Fit(View()).Transform(View());

    private ClassBalancingTransformer Fit(string label, ClassWeighting? weighting)
        => _mlContext.Transforms.BalanceClasses("Out", label, weighting).Fit(View());

    private float[] Weights(ClassBalancingTransformer transformer) => [.. transformer.Transform(View()).GetColumn<float>("Out")];

    private sealed class Item
    {
        public bool Label { get; set; }

        public string Text { get; set; } = "";

        public float Weight { get; set; }

        public float Number { get; set; }
    }

    private sealed class KeyItem
    {
        [KeyType(4)]
        public uint Key { get; set; }
    }

    private sealed class Bare
    {
        public float Number { get; set; }

        [VectorType(3)]
        public float[] Features { get; set; } = [];
    }

    private sealed class BareCopy
    {
        public float Copy { get; set; }
    }
}
