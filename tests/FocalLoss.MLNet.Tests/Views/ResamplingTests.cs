using FocalMlNet.Tests.Weighting;
using Microsoft.ML;
using Microsoft.ML.Data;
using BinaryModel = Microsoft.ML.Calibrators.CalibratedModelParametersBase<
    Microsoft.ML.Trainers.LinearBinaryModelParameters, Microsoft.ML.Calibrators.PlattCalibrator>;

namespace FocalMlNet.Tests.Views;

public sealed class ResamplingTests : IDisposable
{
    private readonly MLContext _mlContext = new(seed: 1);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("focal-");

    [Theory]
    [InlineData(1, 10)]
    [InlineData(.5, 20)]
    [InlineData(.03, 333)]
    [InlineData(.001, 990)]
    public void Undersampling_leaves_just_as_many_rows_of_the_other_class(double ratio, int negatives)
    {
        var labels = _mlContext.Data.Undersample(View(10, 990), ratio: ratio).GetColumn<bool>("Label").ToArray();
        Assert.Equal((10, negatives), (labels.Count(y => y), labels.Count(y => !y)));
    }

    [Theory]
    [InlineData(1, 990)]
    [InlineData(.5, 495)]
    [InlineData(.0101, 10)]
    [InlineData(.001, 10)]
    public void Oversampling_gives_just_as_many_rows_of_the_rarer_class_and_each_as_often_but_for_one(double ratio, int positives)
    {
        var rows = Read(_mlContext.Data.Oversample(View(10, 990), ratio: ratio));
        Assert.Equal((positives, 990), (rows.Count(r => r.Label), rows.Count(r => !r.Label)));
        var copies = rows.Where(r => r.Label).GroupBy(r => r.Number).Select(g => g.Count()).ToArray();
        Assert.Equal(10, copies.Length);
        Assert.InRange(copies.Max() - copies.Min(), 0, 1);
    }

    [Fact]
    public void Either_class_may_be_the_rarer_one()
        => Assert.Equal(20, _mlContext.Data.Undersample(View(500, 10)).GetColumn<bool>("Label").Count());

    [Fact]
    public void Rows_keep_their_order_and_are_the_same_each_time()
    {
        var view = _mlContext.Data.Undersample(View(30, 600), seed: 7);
        float[] numbers = [.. view.GetColumn<float>("Number")];
        Assert.Equal(numbers.Order(), numbers);
        TransformChecks.CursorsAgree(view, "Number");
        TransformChecks.CursorsAgree(_mlContext.Data.Oversample(View(30, 600), seed: 7), "Number");
        Assert.NotEqual(numbers, _mlContext.Data.Undersample(View(30, 600), seed: 8).GetColumn<float>("Number"));
        // Every part of the data is drawn from: the mean number of 30 of 0..599 is 300, give or take 4 standard errors of 31.
        Assert.InRange(Read(view).Where(r => !r.Label).Average(r => r.Number), 175, 425);
    }

    [Fact]
    public void Copies_have_identities_of_their_own()
    {
        var view = _mlContext.Data.Oversample(View(3, 90));
        using var cursor = view.GetRowCursor([]);
        var getId = cursor.GetIdGetter();
        var ids = new HashSet<(ulong, ulong)>();
        var id = default(DataViewRowId);
        for (var i = 0; cursor.MoveNext(); i++)
        {
            Assert.Equal(i, cursor.Position);
            getId(ref id);
            Assert.True(ids.Add((id.Low, id.High)));
        }

        Assert.Equal(180, ids.Count);
    }

    [Fact]
    public void Nothing_is_read_before_it_is_asked_for_and_the_classes_are_counted_once()
    {
        var reads = 0;
        var view = _mlContext.Data.Undersample(Rows.View(_mlContext, Rows.Gaussian(100), () => reads++));
        Assert.Null(view.GetRowCount());
        Assert.Equal(0, reads);
        _ = view.GetColumn<bool>("Label").ToArray();
        _ = view.GetColumn<bool>("Label").ToArray();
        Assert.Equal(3, reads);
        Assert.Equal(view.GetColumn<bool>("Label").Count(), view.GetRowCount());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Data_that_changed_since_its_classes_were_counted_is_an_error(bool label)
    {
        var items = Enumerable.Range(0, 50).Select(i => new Numbered { Label = i % 5 == 0 }).ToList();
        var view = _mlContext.Data.Undersample(_mlContext.Data.LoadFromEnumerable(items));
        Assert.Equal(20, view.GetColumn<bool>("Label").Count());
        Assert.Equal(20, view.GetColumn<bool>("Label").Count());
        items.Add(new Numbered { Label = label });
        Assert.StartsWith("The data has other rows than when its classes were counted.",
            Assert.Throws<InvalidOperationException>(() => view.GetColumn<bool>("Label").Count()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Rows_in_another_order_than_when_they_were_counted_are_an_error(bool repeats)
    {
        var shifting = Rows.Shifting(_mlContext, Rows.Gaussian(200));
        var view = repeats ? _mlContext.Data.Oversample(shifting) : _mlContext.Data.Undersample(shifting);
        Assert.StartsWith("The data has other rows than when its classes were counted.",
            Assert.Throws<InvalidOperationException>(() => view.GetColumn<bool>("Label").Count()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_error_that_passes_leaves_nothing_behind(bool repeats)
    {
        var source = new ShakyView(View(5, 50));
        var view = repeats ? _mlContext.Data.Oversample(source) : _mlContext.Data.Undersample(source);
        // It fails at opening, in the midst of counting, and when a column is asked for.
        foreach (var fault in new[] { Fault.Open, Fault.Row, Fault.Getter })
        {
            source.Fault = fault;
            Assert.Equal("The line is cut.", Assert.Throws<IOException>(() => view.GetColumn<bool>("Label").Count()).Message);
            Assert.Equal("The line is cut.", Assert.Throws<IOException>(() => view.LogOddsShift).Message);
            Assert.Equal(0, source.OpenCursors);
        }

        source.Fault = Fault.None;
        Assert.Equal(repeats ? 100 : 10, view.GetColumn<bool>("Label").Count());
        source.Fault = Fault.Getter;
        Assert.Throws<IOException>(() => view.GetRowCursor(view.Schema));
        Assert.Equal(0, source.OpenCursors);
    }

    [Fact]
    public void Data_with_copies_of_rows_is_not_split_through_whatever_it_has_gone()
    {
        var data = _mlContext.Data;
        var rows = Rows.View(_mlContext, Rows.Gaussian(300));
        var names = new Dictionary<bool, string> { [true] = "yes", [false] = "no" };
        var named = _mlContext.Transforms.Conversion.MapValue("Name", names, "Label").Fit(rows).Transform(rows);
        var copies = data.Oversample(named);
        var key = _mlContext.Transforms.Conversion.MapValueToKey("Label", "Name").Fit(copies).Transform(copies);
        var file = Path.Combine(_folder.FullName, "copies.idv");
        using (var stream = File.Create(file))
            data.SaveAsBinary(copies, stream);
        var (trainer, several) = (_mlContext.BinaryClassification.Trainers.FocalSgd(), _mlContext.MulticlassClassification);
        foreach (var view in new IDataView[]
        {
            copies,
            data.Cache(copies),
            data.TakeRows(data.SkipRows(copies, 3), 400),
            data.ShuffleRows(copies),
            data.FilterRowsByMissingValues(copies, "Features"),
            data.FilterRowsByColumn(copies, "Weight", 0),
            data.TrainTestSplit(copies).TrainSet,
            data.Undersample(copies),
            data.BootstrapSample(copies),
            _mlContext.Transforms.NormalizeMinMax("Features").AppendCacheCheckpoint(_mlContext).Append(trainer)
                .Fit(copies).Transform(copies),
            _mlContext.Transforms.FocalLoss("Loss", scoreColumnName: "Weight").Fit(copies).Transform(copies),
            // The label is a new column, the marked one hidden; then only one column of the source is left.
            key,
            _mlContext.Transforms.SelectColumns("Label", "Features").Fit(key).Transform(key),
            data.Oversample(data.StratifiedTrainTestSplit(rows).TrainSet),
            data.LoadFromBinary(file),
        })
        {
            foreach (var split in new Action[]
            {
                () => data.StratifiedTrainTestSplit(view),
                () => data.StratifiedCrossValidationSplit(view),
                () => data.StratifiedTrainTestSplit(view, samplingKeyColumnName: "Label"),
                () => _mlContext.BinaryClassification.CrossValidateImbalanced(view, trainer),
                () => several.CrossValidateImbalanced(view, several.Trainers.FocalSgd()),
            })
            {
                Assert.Equal(
                    "Data with copies of rows, as Oversample makes it, cannot be split: copies of a row would be in several parts, and be "
                    + "judged by their like. Split first, and oversample what is trained on, as in "
                    + "mlContext.Data.Oversample(split.TrainSet); in a cross-validation, weights from BalanceClasses do the same.",
                    Assert.Throws<InvalidOperationException>(split).Message);
            }
        }

        // Rows that were left out have no copies.
        Assert.Equal(2, data.StratifiedCrossValidationSplit(data.Undersample(rows), numberOfFolds: 2).Count);
    }

    [Fact]
    public void Rows_are_not_held_out_of_data_with_their_copies()
    {
        var copies = _mlContext.Data.Oversample(Rows.View(_mlContext, Rows.Gaussian(300)));
        var trainers = _mlContext.BinaryClassification.Trainers;
        FocalSgdBinaryTrainer.Options[] holdingOut = [new() { EarlyStopping = new() }, new() { Calibration = CalibrationMethod.Platt }];
        foreach (var options in holdingOut)
        {
            Assert.Equal(
                "Data with copies of rows, as Oversample makes it, cannot be trained on with EarlyStopping or Calibration = Platt: both "
                + "hold rows out, which would be judged by their copies. Weigh the classes instead, with ClassWeighting.",
                Assert.Throws<InvalidOperationException>(() => trainers.FocalSgd(options).Fit(copies)).Message);
        }

        Assert.NotNull(trainers.FocalSgd().Fit(copies));
    }

    [Fact]
    public void Columns_keep_types_names_and_annotations()
    {
        var view = _mlContext.Transforms.Concatenate("Features", "Number")
            .Append(_mlContext.Transforms.Conversion.MapValueToKey("Key", "Number"))
            .Append(_mlContext.Transforms.CopyColumns("Number", "Number")).Fit(View(3, 9)).Transform(View(3, 9));
        var copies = _mlContext.Data.Oversample(view);
        Assert.Equal(view.Schema.Select(c => (c.Name, c.Type, c.IsHidden)), copies.Schema.Select(c => (c.Name, c.Type, c.IsHidden)));
        VBuffer<float> expected = default, actual = default;
        view.Schema["Key"].GetKeyValues(ref expected);
        copies.Schema["Key"].GetKeyValues(ref actual);
        Assert.Equal(expected.DenseValues(), actual.DenseValues());
        VBuffer<ReadOnlyMemory<char>> names = default;
        copies.Schema["Features"].GetSlotNames(ref names);
        Assert.Equal("Number", names.GetValues()[0].ToString());
        Assert.Equal(copies.GetColumn<float>("Number"), copies.GetColumn<float[]>("Features").Select(f => f[0]));
    }

    [Fact]
    public void The_shift_of_the_log_odds_is_that_of_the_rates()
    {
        // 90 of 900 negatives stay: the odds of a positive are 10 times as high.
        var under = _mlContext.Data.Undersample(View(9, 900), ratio: .1);
        Assert.Equal((1, .1), (under.PositiveRate, under.NegativeRate));
        Assert.Equal(Math.Log(10), under.LogOddsShift, 1e-12);
        Assert.Equal(1 / 11.0, under.TrueProbability(.5), 1e-12);
        Assert.Equal([0, 1], new[] { under.TrueProbability(0), under.TrueProbability(1) });
        Assert.Throws<ArgumentOutOfRangeException>(() => under.TrueProbability(1.5));
        Assert.Equal(Math.Log(100), _mlContext.Data.Oversample(View(9, 900)).LogOddsShift, 1e-12);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_corrected_model_gives_the_probability_of_the_original_data(bool under)
    {
        var rows = Rows.Gaussian(20_000, positiveRate: .03);
        var view = Rows.View(_mlContext, rows);
        var resampled = under ? _mlContext.Data.Undersample(view, ratio: .5) : _mlContext.Data.Oversample(view, ratio: .5);
        var model = _mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression(l1Regularization: 0, l2Regularization: 0)
            .Fit(resampled);
        BinaryPredictionTransformer<BinaryModel> linear = _mlContext.BinaryClassification.CorrectPrior(model, resampled.LogOddsShift);
        ITransformer appended = _mlContext.BinaryClassification.CorrectPrior<BinaryModel>(model, resampled.LogOddsShift);
        var file = Path.Combine(_folder.FullName, "model.zip");
        foreach (var corrected in new[] { linear, appended })
        {
            _mlContext.Model.Save(corrected, view.Schema, file);
            var scored = Rows.Score(_mlContext, _mlContext.Model.Load(file, out _), view);
            var before = Rows.Score(_mlContext, model, view);
            for (var i = 0; i < 200; i++)
            {
                Assert.Equal(resampled.TrueProbability(before[i].Probability), scored[i].Probability, 1e-5);
                Assert.Equal(scored[i].Probability > .5, scored[i].PredictedLabel);
            }

            // The truth is a logistic model: its mean probability is the prevalence.
            Assert.Equal(rows.Average(r => r.Label ? 1.0 : 0), scored.Average(r => (double)r.Probability), .003);
            Assert.True(before.Average(r => r.Probability) > .1);
        }

        Assert.Equal(Rows.Score(_mlContext, model, view)[5].Score - resampled.LogOddsShift, Rows.Score(_mlContext, linear, view)[5].Score,
            1e-4);
    }

    [Fact]
    public void The_model_at_the_end_of_a_pipeline_is_corrected()
    {
        var view = Rows.View(_mlContext, Rows.Gaussian(3000));
        var resampled = _mlContext.Data.Undersample(view);
        var model = _mlContext.Transforms.NormalizeMeanVariance("Features")
            .Append(_mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression()).Fit(resampled);
        var expected = Rows.Score(_mlContext, model, view).Select(row => resampled.TrueProbability(row.Probability)).ToArray();
        TransformerChain<BinaryPredictionTransformer<BinaryModel>> linear =
            _mlContext.BinaryClassification.CorrectPrior(model, resampled.LogOddsShift);
        ITransformer appended = _mlContext.BinaryClassification.CorrectPrior<BinaryModel>(model, resampled.LogOddsShift);
        foreach (var corrected in new[] { linear, appended })
            Assert.All(Rows.Score(_mlContext, corrected, view).Zip(expected),
                pair => Assert.Equal(pair.Second, pair.First.Probability, 1e-5));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void A_ratio_outside_its_range_is_refused(double ratio)
    {
        foreach (var attempt in new Action[] { () => _mlContext.Data.Undersample(View(1, 2), ratio: ratio),
            () => _mlContext.Data.Oversample(View(1, 2), ratio: ratio) })
            Assert.StartsWith(FormattableString.Invariant($"ratio = {ratio}, but it should be in (0; 1]."),
                Assert.Throws<ArgumentOutOfRangeException>(attempt).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bad_input_is_refused()
    {
        Assert.StartsWith("The label column 'Nope' is missing. The input has: Label, Number.",
            Assert.Throws<ArgumentOutOfRangeException>(() => _mlContext.Data.Undersample(View(1, 2), "Nope")).Message,
            StringComparison.Ordinal);
        Assert.StartsWith("The label column 'Number' is of type Single, but it should be Boolean.",
            Assert.Throws<ArgumentOutOfRangeException>(() => _mlContext.Data.Oversample(View(1, 2), "Number")).Message,
            StringComparison.Ordinal);
        Assert.Equal("Label column 'Label' has 0 positive and 5 negative rows, but resampling needs both.",
            Assert.Throws<InvalidOperationException>(() => _mlContext.Data.Undersample(View(0, 5)).LogOddsShift).Message);
        var model = _mlContext.BinaryClassification.Trainers.FocalSgd().Fit(Rows.View(_mlContext, Rows.Gaussian(100)));
        Assert.StartsWith("logOddsShift = NaN, but it should be in [-100; 100].",
            Assert.Throws<ArgumentOutOfRangeException>(() => _mlContext.BinaryClassification.CorrectPrior(model, double.NaN)).Message,
            StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Positives spread evenly among the negatives; rows of each class are numbered.</summary>
    private IDataView View(int positives, int negatives)
    {
        var count = positives + negatives;
        return _mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(i => new Numbered
        {
            Label = (i + 1) * (long)positives / count > i * (long)positives / count,
            Number = i,
        }).ToArray());
    }

    private Numbered[] Read(IDataView view) => [.. _mlContext.Data.CreateEnumerable<Numbered>(view, reuseRowObject: false)];

    private sealed class Numbered
    {
        public bool Label { get; set; }

        public float Number { get; set; }
    }
}
