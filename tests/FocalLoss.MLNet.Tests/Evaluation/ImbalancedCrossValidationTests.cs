using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace FocalMlNet.Tests.Evaluation;

public sealed class ImbalancedCrossValidationTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [Fact]
    public void Each_fold_is_what_training_and_evaluating_by_hand_give()
    {
        var view = Rows.View(_mlContext, Rows.Gaussian(600));
        var pipeline = _mlContext.Transforms.NormalizeMeanVariance("Features").Append(_mlContext.BinaryClassification.Trainers.FocalSgd());
        var found = _mlContext.BinaryClassification.CrossValidateImbalanced(view, pipeline, numberOfFolds: 4, seed: 3);
        var splits = _mlContext.Data.StratifiedCrossValidationSplit(view, numberOfFolds: 4, seed: 3);
        Assert.Equal([0, 1, 2, 3], found.Folds.Select(fold => fold.Fold));
        foreach (var (fold, split) in found.Folds.Zip(splits))
        {
            var byHand = _mlContext.BinaryClassification.EvaluateImbalanced(pipeline.Fit(split.TrainSet).Transform(split.TestSet));
            Assert.All(Enum.GetValues<BinaryMetric>(), metric => Assert.Equal(byHand[metric], fold.Metrics[metric]));
            Assert.Equal(fold.Metrics.LogLoss,
                _mlContext.BinaryClassification.EvaluateImbalanced(fold.Model.Transform(split.TestSet)).LogLoss);
            Assert.Equal(fold.Metrics.LogLoss, _mlContext.BinaryClassification.EvaluateImbalanced(fold.ScoredTestSet).LogLoss);
        }

        double[] losses = [.. found.Folds.Select(fold => fold.Metrics.LogLoss)];
        var mean = losses.Sum() / 4;
        Assert.Equal(mean, found.Mean(BinaryMetric.LogLoss), 1e-15);
        Assert.Equal(Math.Sqrt(losses.Sum(x => (x - mean) * (x - mean)) / 3) / 2, found.StandardError(BinaryMetric.LogLoss), 1e-15);
    }

    [Fact]
    public void Several_classes_have_metrics_of_their_own()
    {
        var view = MulticlassRows.View(_mlContext, MulticlassRows.Gaussian(800));
        var found = _mlContext.MulticlassClassification.CrossValidateImbalanced(
            view, _mlContext.MulticlassClassification.Trainers.FocalSgd(), numberOfFolds: 3);
        Assert.Equal(3, found.Folds.Count);
        Assert.InRange(found.Mean(MulticlassMetric.BalancedAccuracy), .6, 1);
        Assert.InRange(found.StandardError(MulticlassMetric.BalancedAccuracy), 0, .1);
        Assert.All(found.Folds, fold => Assert.Equal(4, fold.Metrics.Classes.Count));
    }

    [Fact]
    public void Groups_stay_in_one_fold_and_weights_and_options_reach_the_evaluation()
    {
        var rows = Rows.Gaussian(400);
        for (var i = 0; i < rows.Length; i++)
            rows[i].Weight = 1 + i % 40;
        var found = _mlContext.BinaryClassification.CrossValidateImbalanced(
            Rows.View(_mlContext, rows), _mlContext.BinaryClassification.Trainers.FocalSgd(), numberOfFolds: 3,
            samplingKeyColumnName: "Weight",
            exampleWeightColumnName: "Weight", options: new() { BootstrapResamples = 20, Gamma = 0 });

        var groups = found.Folds.Select(fold => fold.ScoredTestSet.GetColumn<float>("Weight").Distinct().ToArray()).ToArray();
        Assert.Equal(Enumerable.Range(1, 40).Select(g => (float)g), groups.SelectMany(g => g).Order());
        Assert.All(found.Folds.Zip(groups), pair =>
        {
            Assert.Equal(10 * pair.Second.Sum(), pair.First.Metrics.ConfusionCounts.Total);
            Assert.True(pair.First.Metrics.Interval(BinaryMetric.AveragePrecision).Low < pair.First.Metrics.AveragePrecision);
            // γ = 0 is log-loss.
            Assert.Equal(pair.First.Metrics.LogLoss, pair.First.Metrics.FocalLoss, 1e-12);
        });

        var several = _mlContext.MulticlassClassification.CrossValidateImbalanced(
            MulticlassRows.View(_mlContext, MulticlassRows.Gaussian(400)), _mlContext.MulticlassClassification.Trainers.FocalSgd(),
            numberOfFolds: 2,
            options: new() { BootstrapResamples = 20, Gamma = 0 });
        Assert.All(several.Folds, fold => Assert.Equal(fold.Metrics.LogLoss, fold.Metrics.FocalLoss, 1e-12));
        Assert.All(several.Folds, fold => Assert.NotNull(fold.Metrics.Classes[0].Intervals));
    }

    /// <summary>As ML.NET's own cross-validation takes it, but with each fold's share of the classes.</summary>
    [Fact]
    public void A_pipeline_may_make_its_label_itself()
    {
        var random = new Random(1);
        var view = _mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 200).Select(i => new Item
        {
            Kind = i % 10 == 0 ? "rare" : "common",
            Group = i / 4,
            Features = [(float)(Rows.Normal(random) + (i % 10 == 0 ? 2 : 0))],
        }).ToArray());
        var isRare = new Dictionary<string, bool> { ["rare"] = true, ["common"] = false };
        var binary = _mlContext.Transforms.Conversion.MapValue("Label", isRare, "Kind")
            .Append(_mlContext.BinaryClassification.Trainers.FocalSgd());
        var several = _mlContext.Transforms.Conversion.MapValueToKey("Label", "Kind")
            .Append(_mlContext.MulticlassClassification.Trainers.FocalSgd());

        var found = _mlContext.BinaryClassification.CrossValidateImbalanced(view, binary);
        Assert.All(found.Folds, fold => Assert.Equal((4, 36), (fold.Metrics.Prevalence * 40, fold.Metrics.RowCount - 4)));
        Assert.Equal(5, _mlContext.BinaryClassification.CrossValidate(view, binary).Count);
        var ofSeveral = _mlContext.MulticlassClassification.CrossValidateImbalanced(view, several);
        Assert.All(ofSeveral.Folds, fold => Assert.Equal(4, fold.Metrics.Classes.Single(c => c.Name == "rare").Weight));

        // It is the same split as by the column that the label is made of, and groups are those of the data.
        var direct = _mlContext.Data.StratifiedCrossValidationSplit(view, "Kind", samplingKeyColumnName: "Group", seed: 3);
        var grouped = _mlContext.BinaryClassification.CrossValidateImbalanced(
            view, binary.Append(_mlContext.Transforms.DropColumns("Group")), samplingKeyColumnName: "Group", seed: 3);
        Assert.Equal(direct.Select(split => split.TestSet.GetColumn<float[]>("Features").Select(x => x[0])),
            grouped.Folds.Select(fold => fold.ScoredTestSet.GetColumn<float[]>("Features").Select(x => x[0])));
    }

    /// <summary>A number that the pipeline makes a key of the same name: the commonest multiclass pipeline there is.</summary>
    [Fact]
    public void A_pipeline_may_make_a_label_of_another_type_under_the_same_name()
    {
        NumberItem[] rows = [.. Enumerable.Range(0, 90).Select(i => new NumberItem { Label = i % 3, Features = [i % 3 + i % 7 * .1f] })];
        var view = _mlContext.Data.LoadFromEnumerable(rows);
        var pipeline = _mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(_mlContext.MulticlassClassification.Trainers.FocalSgd());
        var found = _mlContext.MulticlassClassification.CrossValidateImbalanced(view, pipeline, numberOfFolds: 3);
        Assert.All(found.Folds, fold => Assert.Equal(
            [("0", 10), ("1", 10), ("2", 10)], fold.Metrics.Classes.Select(c => (c.Name, c.Weight)).Order()));
    }

    [Fact]
    public void A_label_that_nobody_makes_and_one_that_is_missing_are_errors()
    {
        Item[] rows = [.. Enumerable.Range(0, 30).Select(i => new Item { Kind = i == 7 ? "" : $"{i % 2}", Features = [i] })];
        var view = _mlContext.Data.LoadFromEnumerable(rows);
        string Error(IEstimator<ITransformer> pipeline) => Assert.ThrowsAny<Exception>(
            () => _mlContext.MulticlassClassification.CrossValidateImbalanced(view, pipeline)).Message;
        Assert.StartsWith("The label column 'Label' is missing. The input has: Kind, Group, Features, Copy.",
            Error(_mlContext.Transforms.CopyColumns("Copy", "Kind")), StringComparison.Ordinal);
        Assert.StartsWith("Label column 'Label' is missing in row 7: leave such rows out",
            Error(_mlContext.Transforms.Conversion.MapValueToKey("Label", "Kind")), StringComparison.Ordinal);
    }

    [Fact]
    public void An_estimator_that_leaves_rows_out_cannot_make_the_label_of_a_split()
    {
        var view = _mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 30).Select(i => new Item { Kind = $"{i % 2}", Features = [i] }));
        foreach (var (low, high) in new[] { (0, 29), (1, 30), (3, 7) })
        {
            var error = Assert.Throws<InvalidOperationException>(() => _mlContext.MulticlassClassification.CrossValidateImbalanced(
                view, new Filter(_mlContext, low, high), numberOfFolds: 2));
            Assert.StartsWith("The estimator that makes label column 'Label' gives other rows than the data has",
                error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_error_in_evaluation_says_of_which_fold_its_row_is()
    {
        var rows = Rows.Gaussian(100);
        rows[42].Features[0] = float.NaN;
        var view = Rows.View(_mlContext, rows);
        var fold = _mlContext.Data.StratifiedCrossValidationSplit(view, numberOfFolds: 4).Index()
            .Single(split => split.Item.TestSet.GetColumn<float[]>("Features").Any(x => float.IsNaN(x[0]))).Index;
        var error = Assert.Throws<InvalidOperationException>(() => _mlContext.BinaryClassification.CrossValidateImbalanced(
            view, _mlContext.BinaryClassification.Trainers.FocalSgd(), numberOfFolds: 4));
        Assert.StartsWith($"Evaluation of fold {fold}, whose rows are counted by themselves: Column '",
            error.Message, StringComparison.Ordinal);
        Assert.Contains("has NaN in row", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_metric_that_is_not_known_stays_NaN()
    {
        var view = Rows.View(_mlContext, Rows.Gaussian(300));
        var found = _mlContext.BinaryClassification.CrossValidateImbalanced(
            view, _mlContext.BinaryClassification.Trainers.SgdNonCalibrated(lossFunction: new FocalLoss()), numberOfFolds: 2,
            probabilityColumnName: null);
        Assert.True(double.IsNaN(found.Mean(BinaryMetric.LogLoss)) && double.IsNaN(found.StandardError(BinaryMetric.LogLoss)));
        Assert.InRange(found.Mean(BinaryMetric.AreaUnderRocCurve), .8, 1);
    }

    [Fact]
    public void Bad_input_gets_one_clear_error()
    {
        var view = Rows.View(_mlContext, Rows.Gaussian(100));
        var trainer = _mlContext.BinaryClassification.Trainers.FocalSgd();
        Assert.Throws<ArgumentNullException>(() => _mlContext.BinaryClassification.CrossValidateImbalanced(view, null!));
        Assert.Throws<ArgumentNullException>(() => _mlContext.BinaryClassification.CrossValidateImbalanced(data: null!, trainer));
        // It is a view that is missing, though folds may be given in its place.
        Assert.Equal("data", Assert.Throws<ArgumentNullException>(
            () => _mlContext.BinaryClassification.CrossValidateImbalanced(null!, trainer)).ParamName);
        Assert.Equal("data", Assert.Throws<ArgumentNullException>(
            () => _mlContext.MulticlassClassification.CrossValidateImbalanced(null!, trainer)).ParamName);
        Assert.StartsWith("The rarest value of label column 'Label' is 'True'",
            Assert.Throws<InvalidOperationException>(
                () => _mlContext.BinaryClassification.CrossValidateImbalanced(view, trainer, numberOfFolds: 90)).Message,
                StringComparison.Ordinal);
    }

    /// <summary>Makes a key of the kind, and keeps only rows whose feature is in a range.</summary>
    private sealed class Filter(MLContext mlContext, int low, int high) : IEstimator<ITransformer>, ITransformer
    {
        private readonly ValueToKeyMappingEstimator _key = mlContext.Transforms.Conversion.MapValueToKey("Label", "Kind");

        bool ITransformer.IsRowToRowMapper => false;

        public ITransformer Fit(IDataView input) => this;

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => _key.GetOutputSchema(inputSchema);

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => throw new NotSupportedException();

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => throw new NotSupportedException();

        public void Save(ModelSaveContext ctx) => throw new NotSupportedException();

        public IDataView Transform(IDataView input) => mlContext.Data.FilterByCustomPredicate<Item>(
            _key.Fit(input).Transform(input), item => item.Features[0] < low || item.Features[0] >= high);
    }

    private sealed class Item
    {
        public string Kind { get; set; } = "";

        public int Group { get; set; }

        [VectorType(1)]
        public float[] Features { get; set; } = [];
    }

    private sealed class NumberItem
    {
        public float Label { get; set; }

        [VectorType(1)]
        public float[] Features { get; set; } = [];
    }
}
