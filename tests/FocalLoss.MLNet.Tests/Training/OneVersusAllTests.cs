using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using CalibratedModel = Microsoft.ML.Calibrators.CalibratedModelParametersBase<
    Microsoft.ML.Trainers.LinearBinaryModelParameters, Microsoft.ML.Calibrators.PlattCalibrator>;

namespace FocalMlNet.Tests.Training;

/// <summary>Binary trainers within ML.NET's OneVersusAll.</summary>
public sealed class OneVersusAllTests
{
    private readonly MLContext _mlContext = new(seed: 1);
    private readonly List<string> _log = [];

    /// <summary>Class 2 of a key with 4 values has no rows: the stock trainers fit it, and give its probability next to nothing.</summary>
    [Fact]
    public void A_class_without_rows_is_fitted_as_by_stock_trainers_and_named()
    {
        var view = View("a", "b", "d", names: ["a", "b", "c", "d"]);
        var trainers = _mlContext.BinaryClassification.Trainers;
        var stock = Several.OneVersusAll(trainers.LbfgsLogisticRegression());
        Assert.All(Scores(stock, view), row => Assert.InRange(row.Score[2], 0, .01));

        foreach (var oneVersusAll in new[]
        {
            Several.OneVersusAll(Focal()),
            Several.OneVersusAll(Reweighted()),
        })
        {
            var scored = Scores(oneVersusAll, view);
            Assert.All(scored, row => Assert.InRange(row.Score[2], 0, .01));
            Assert.All(scored, row => Assert.Equal(1, row.Score.Sum(), 1e-5f));
            Assert.True(scored.Count(row => row.Label == row.PredictedLabel) > .9 * scored.Length);
        }

        Assert.Equal(
            ["Class 'c' of label column 'Label' has no row with a weight above 0: the model keeps it, with a probability near 0."],
            _log.Where(line => line.StartsWith("Class", StringComparison.Ordinal)));
    }

    [Fact]
    public void Of_several_classes_without_rows_all_are_named()
    {
        var view = View("b", "d", "d", names: ["a", "b", "c", "d"]);
        Several.OneVersusAll(Focal()).Fit(view);
        // OneVersusAll fits the first class twice.
        Assert.Equal(3, _log.Count(line => line.StartsWith("Class 'a' or 'c' of label column 'Label'", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_class_whose_rows_have_no_weight_is_one_without_rows()
    {
        var view = View("a", "b", "d", names: ["a", "b", "d", "x"]);
        var weighted = _mlContext.Transforms.BalanceClasses("W", "Label", ClassWeighting.Custom(1, 0, 1, 1)).Fit(view).Transform(view);
        var trainer = _mlContext.BinaryClassification.Trainers.FocalSgd(
            new FocalSgdBinaryTrainer.Options { ExampleWeightColumnName = "W", Log = _log.Add });
        var scored = Scores(Several.OneVersusAll(trainer), weighted);
        Assert.All(scored, row => Assert.InRange(row.Score[1], 0, .01));
        // Here it is known which one is asked for.
        var named = _log.Where(line => line.StartsWith("Class", StringComparison.Ordinal)).Select(line => line.Split(' ')[1]);
        Assert.Equal(["'b'", "'x'"], named);
    }

    [Fact]
    public void A_class_that_outweighs_all_others_by_20_orders_of_magnitude_leaves_them_their_say()
    {
        MulticlassRow[] rows = [.. MulticlassRows.Gaussian(200, classes: 3).Select(row => new MulticlassRow
        {
            Label = row.Label,
            Features = row.Features,
            Weight = row.Label == 0 ? 1e10f : 1e-10f,
        })];
        var view = MulticlassRows.View(_mlContext, rows);
        var sgd = Several.FocalSgd(new FocalSgdMulticlassTrainer.Options
        {
            ExampleWeightColumnName = "Weight",
            Formulation = MulticlassFormulation.OneVersusAll,
            L2Regularization = 1e-7,
        });
        var reweighted = Several.FocalReweighted(
            w => Several.LbfgsMaximumEntropy(exampleWeightColumnName: w), exampleWeightColumnName: "Weight", rounds: 2);
        foreach (var model in (ITransformer[])[sgd.Fit(view), reweighted.Fit(view)])
            Assert.All(MulticlassRows.Score(_mlContext, model, view), row => Assert.InRange(row.Score[0], .99f, 1.0001f));
    }

    /// <summary>As OneVersusAll does it: the Boolean label hides the key that it was made of. In parts, too, all of it is found.</summary>
    [Fact]
    public void A_class_without_rows_is_named_where_the_rows_come_in_several_views()
    {
        string[] names = ["a", "b", "c", "d"];
        var isC = new Dictionary<uint, bool> { [1] = false, [2] = false, [3] = true, [4] = false };
        var conversion = _mlContext.Transforms.Conversion;
        IDataView IsC(IDataView view, string name = "Label") => conversion.MapValue(name, isC, "Label").Fit(view).Transform(view);
        // The columns of the second part have other places.
        IDataView[] parts = [IsC(View("a", "b", "d", names)), IsC(View("a", "b", "d", names, hasMore: true))];
        var model = Focal().Fit(parts);
        Assert.All(Rows.Score(_mlContext, model, parts[0]), row => Assert.InRange(row.Probability, 0, .01));
        Assert.Contains(
            "Class 'c' of label column 'Label' has no row with a weight above 0: the model keeps it, with a probability near 0.", _log);

        // Where a part has no key, or another, it is not known what the label means.
        var without = IsC(View("a", "b", "d", names), "Flag");
        without = _mlContext.Transforms.SelectColumns("Features", "Flag").Append(_mlContext.Transforms.CopyColumns("Label", "Flag"))
            .Fit(without).Transform(without);
        foreach (var other in new[] { without, IsC(View("a", "b", "d", ["a", "b", "x", "d"])) })
        {
            Assert.Contains("training needs both classes", Assert.Throws<InvalidOperationException>(
                () => Focal().Fit([parts[0], other])).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Data_of_one_class_alone_is_an_error_still()
    {
        var trainer = _mlContext.BinaryClassification.Trainers.FocalSgd();
        var ofOne = View("b", "b", "b", names: ["a", "b"]);
        Assert.Contains("training needs both classes", Assert.Throws<InvalidOperationException>(
            () => Several.OneVersusAll(trainer).Fit(ofOne)).Message, StringComparison.Ordinal);

        // A Boolean that is made of a key, and false everywhere, is a mistake: all classes of the key have rows.
        var view = View("a", "b", "b", names: ["a", "b"]);
        var neither = new Dictionary<uint, bool> { [1] = false, [2] = false };
        var mapped = _mlContext.Transforms.Conversion.MapValue("Label", neither, "Label").Fit(view).Transform(view);
        Assert.Contains("has 0 positive rows",
            Assert.Throws<InvalidOperationException>(() => trainer.Fit(mapped)).Message, StringComparison.Ordinal);
        Assert.Contains("has 1 class with a weight above 0",
            Assert.Throws<InvalidOperationException>(() => Reweighted().Fit(mapped)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pairwise_coupling_with_a_class_without_rows_or_with_two_classes_alone_fits_as_with_stock_trainers()
    {
        var trainer = Several.PairwiseCoupling(Focal());
        foreach (var view in new[] { View("a", "b", "d", names: ["a", "b", "c", "d"]), View("a", "b", "b", names: ["a", "b"]) })
        {
            var scored = trainer.Fit(view).Transform(view);
            Assert.Equal(1, _mlContext.MulticlassClassification.Evaluate(scored).MicroAccuracy);
        }

        Assert.Contains(
            "All rows of label column 'Label' with a weight above 0 are of the classes asked for: they get a probability near 1.", _log);
    }

    /// <summary>Ten times the given classes, told apart by three features.</summary>
    private IDataView View(string first, string second, string third, string[] names, bool hasMore = false)
    {
        var random = new Random(1);
        var rows = Enumerable.Range(0, 90).Select(i => new Item
        {
            Text = i % 3 == 0 ? first : i % 3 == 1 ? second : third,
            Features = [.. Enumerable.Range(0, 3).Select(j => (float)(.1 * random.NextDouble()) + (j == i % 3 ? 1 : 0))],
        });
        IDataView view = _mlContext.Data.LoadFromEnumerable(rows.ToArray());
        view = hasMore ? _mlContext.Transforms.CopyColumns("More", "Text").Fit(view).Transform(view) : view;
        var keys = _mlContext.Data.LoadFromEnumerable(names.Select(name => new { Text = name }));
        return _mlContext.Transforms.Conversion.MapValueToKey("Label", "Text", keyData: keys).Fit(view).Transform(view);
    }

    private MulticlassClassificationCatalog.MulticlassClassificationTrainers Several => _mlContext.MulticlassClassification.Trainers;

    private FocalSgdBinaryTrainer Focal()
        => _mlContext.BinaryClassification.Trainers.FocalSgd(new FocalSgdBinaryTrainer.Options { Log = _log.Add });

    private FocalReweightedTrainer<BinaryPredictionTransformer<CalibratedModel>, CalibratedModel> Reweighted()
        => _mlContext.BinaryClassification.Trainers.FocalReweighted(
            w => _mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression(exampleWeightColumnName: w));

    private MulticlassScored[] Scores(OneVersusAllTrainer trainer, IDataView view)
        => [.. _mlContext.Data.CreateEnumerable<MulticlassScored>(trainer.Fit(view).Transform(view), reuseRowObject: false)];

    private sealed class Item
    {
        public string Text { get; set; } = "";

        [VectorType(3)]
        public float[] Features { get; set; } = [];
    }
}
