using Microsoft.ML;

namespace FocalMlNet.Tests.Tuning;

/// <summary>Rows that judge have taught nothing, neither a line nor what comes before it.</summary>
public sealed class TuningLeakageTests
{
    private const double Share = .3;

    private readonly MLContext _mlContext = new(seed: 1);

    /// <summary>
    /// The best 10 of 300 features by their mutual information with the label, on coins that were tossed: selected on all rows, they have
    /// an average precision well above chance.
    /// </summary>
    [Fact]
    public void A_pipeline_that_looks_at_labels_is_at_chance_on_noise()
    {
        var random = new Random(1);
        var data = Rows.View(_mlContext, [.. Enumerable.Range(0, 400).Select(i => new Row
        {
            Label = random.NextDouble() < Share,
            Features = [.. Enumerable.Range(0, 300).Select(_ => (float)random.Next(2))],
        })]);
        IEstimator<ITransformer> Select() => _mlContext.Transforms.FeatureSelection.SelectFeaturesBasedOnMutualInformation(
            "Features", labelColumnName: "Label", slotsInOutput: 10);
        var options = new BinaryTuningOptions
        {
            Preparation = Select(),
            Candidates = [new("selected", w => Select().Append(
                _mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression(exampleWeightColumnName: w)))],
            Races = false,
        };
        var honest = _mlContext.BinaryClassification.TuneImbalanced(data, options);
        Assert.All(honest.Candidates, c => Assert.InRange(c.Mean, Share - .1, Share + .1));
        Assert.Contains(honest.Conclusions, s => s.StartsWith("No candidate tells the classes apart", StringComparison.Ordinal));
        // The same with features that were selected on all rows.
        var leaky = _mlContext.BinaryClassification.TuneImbalanced(
            Select().Fit(data).Transform(data), options with { Preparation = null, Candidates = [] });
        Assert.True(leaky.Candidates.Max(c => c.Mean) > Share + .15, $"{leaky}");
    }

    /// <summary>
    /// The label is the same for some time, and then another by chance, and a feature for each such time tells it: to those who have seen
    /// rows of that time.
    /// </summary>
    [Fact]
    public void Folds_by_time_do_not_look_into_the_future()
    {
        const int Times = 60, PerTime = 20;
        var random = new Random(2);
        TimedRow[] rows = [.. Enumerable.Range(0, Times).SelectMany(time =>
        {
            var label = random.NextDouble() < Share;
            return Enumerable.Range(0, PerTime).Select(i => new TimedRow
            {
                Label = label, Time = time * PerTime + i, Features = [.. Enumerable.Range(0, Times).Select(t => t == time ? 1f : 0)],
            });
        })];
        random.Shuffle(rows);
        var definition = Microsoft.ML.Data.SchemaDefinition.Create(typeof(TimedRow));
        definition[nameof(TimedRow.Features)].ColumnType = new Microsoft.ML.Data.VectorDataViewType(
            Microsoft.ML.Data.NumberDataViewType.Single, Times);
        var data = _mlContext.Data.LoadFromEnumerable(rows, definition);
        var options = new BinaryTuningOptions
        {
            Races = false,
            Candidates = [new("L-BFGS", w => _mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression(exampleWeightColumnName: w))],
        };
        var random5 = _mlContext.BinaryClassification.TuneImbalanced(data, options);
        Assert.All(random5.Candidates, c => Assert.True(c.Mean > .9));
        var ordered = _mlContext.BinaryClassification.TuneImbalanced(data, options with { TimeColumnName = "Time", TimeGap = PerTime });
        Assert.All(ordered.Candidates, c => Assert.InRange(c.Mean, 0, .55));
        // The folds are those of the split by time, and the oldest rows, which only train, are in none.
        var splits = _mlContext.Data.TimeOrderedCrossValidationSplit(data, "Time", 5, PerTime, labelColumnName: "Label");
        Assert.Equal(splits.Sum(split => split.TestSet.GetRowCount()!.Value), ordered.OutOfFold.GetRowCount());
        var folds = _mlContext.BinaryClassification.CrossValidateImbalanced(
            splits, _mlContext.BinaryClassification.Trainers.FocalSgd(ordered.TrainerOptions!));
        Assert.Equal(folds.Mean(BinaryMetric.AveragePrecision), ordered.Chosen.Mean, .02);
    }

    private sealed class TimedRow
    {
        public bool Label { get; set; }

        public float Time { get; set; }

        public float[] Features { get; set; } = [];
    }
}
