using Microsoft.ML;

namespace FocalMlNet.Tests.Tuning;

/// <summary>What can be asked for, and what is refused in one clear sentence.</summary>
public sealed class TuningOptionsTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    private IDataView Gaussian => Rows.View(_mlContext, Rows.Gaussian(600, positiveRate: .2));

    [Fact]
    public void The_defaults_are_these()
    {
        var options = new BinaryTuningOptions();
        Assert.Equal(("Label", "Features", 5, 1), (options.LabelColumnName, options.FeatureColumnName, options.NumberOfFolds,
            options.NumberOfRepeats));
        Assert.Equal([0, .5, 1, 2, 3, 5], options.Gammas);
        Assert.Equal([ClassWeighting.None, ClassWeighting.SquareRootBalanced, ClassWeighting.Balanced], options.ClassWeightings);
        Assert.Equal(BinaryMetric.AveragePrecision, options.Metric);
        Assert.Equal(MulticlassMetric.MacroAveragePrecision, new MulticlassTuningOptions().Metric);
        Assert.Equal(MulticlassFormulation.Softmax, new MulticlassTuningOptions().Formulation);
        Assert.Null(options.L2Regularizations ?? options.Preparation ?? options.Profit ?? options.ThresholdPolicy
            ?? (object?)options.TimeBudget ?? options.Seed ?? options.NumberOfThreads
            ?? (object?)options.ExampleWeightColumnName ?? options.SamplingKeyColumnName
            ?? options.TimeColumnName);
    }

    public static TheoryData<BinaryTuningOptions, string> Refused => new()
    {
        { new() { NumberOfFolds = 1 }, "NumberOfFolds = 1, but it should be from 2 to 65536." },
        { new() { NumberOfRepeats = 0 }, "NumberOfRepeats = 0, but it should be at least 1." },
        { new() { Gammas = [] }, "Gammas has 0 elements, but it should have at least 1." },
        { new() { Gammas = [0, -1] }, "Gammas[1] = -1, but it should be in [0; 50]." },
        { new() { ClassWeightings = [] }, "ClassWeightings has 0 elements, but it should have at least 1." },
        { new() { ClassWeightings = [ClassWeighting.Custom(1, 2, 3)] }, "ClassWeightings[0] has 3 weights, but there are two classes." },
        { new() { L2Regularizations = [] }, "L2Regularizations has 0 elements, but it should have at least 1." },
        { new() { L2Regularizations = [double.NaN] }, "L2Regularizations[0] = NaN, but it should be in [0; +∞)." },
        { new() { TimeBudget = TimeSpan.Zero }, "TimeBudget = 0, but it should be in (0; +∞)." },
        { new() { NumberOfThreads = 0 }, "NumberOfThreads = 0, but it should be at least 1." },
        { new() { Metric = BinaryMetric.Prevalence }, "Metric = Prevalence" },
        { new() { TimeGap = 3 }, "TimeGap = 3, but there is no TimeColumnName." },
        { new() { TimeColumnName = "Weight", NumberOfRepeats = 2 }, "NumberOfRepeats = 2, but it should be 1 with TimeColumnName" },
        { new() { TimeColumnName = "Weight", SamplingKeyColumnName = "Weight" }, "folds are made by one of them" },
        { new() { Profit = new(new double[3, 3]) }, "Profit has 3 classes, but it should have 2." },
        { new() { Candidates = [Candidate("a"), Candidate("b"), Candidate("a")] }, "Two of the Candidates are 'a'" },
        { new() { Candidates = [Candidate("")] }, "Candidates[0] has no name." },
        { new() { LabelColumnName = "Class" }, "The label column 'Class' is missing." },
        { new() { FeatureColumnName = "X" }, "The feature column 'X' is missing." },
        { new() { ExampleWeightColumnName = "Label" }, "The weight column 'Label' is of type Boolean" },
    };

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public void Bad_options_are_refused_before_anything_is_read(BinaryTuningOptions options, string message)
    {
        var read = false;
        var view = Rows.View(_mlContext, Rows.Gaussian(100), () => read = true);
        var error = Assert.ThrowsAny<ArgumentException>(() => Tune(view, options));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.False(read);
    }

    [Fact]
    public void Folds_above_the_rows_of_the_rarest_class_are_refused()
    {
        var rows = Rows.Gaussian(100);
        for (var i = 0; i < rows.Length; i++)
            rows[i].Label = i < 4;
        var error = Assert.Throws<InvalidOperationException>(() => Tune(Rows.View(_mlContext, rows), new()));
        Assert.Contains("number of rows is 4, fewer than the 5 parts", error.Message, StringComparison.Ordinal);
        // Four of them have a weight of 0: that is one class for some folds.
        for (var i = 0; i < rows.Length; i++)
            (rows[i].Label, rows[i].Weight) = (i < 8, i < 4 ? 0 : 1);
        error = Assert.Throws<InvalidOperationException>(
            () => Tune(Rows.View(_mlContext, rows), new() { ExampleWeightColumnName = "Weight" }));
        Assert.Contains("weight above 0 of 1 class only to judge by", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Copies_of_rows_are_refused()
        => Assert.Contains("copies of rows", Assert.Throws<InvalidOperationException>(
            () => Tune(_mlContext.Data.Oversample(Gaussian), new())).Message, StringComparison.Ordinal);

    [Fact]
    public void A_preparation_that_makes_no_features_or_other_rows_is_told()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Tune(Gaussian, new()
        {
            FeatureColumnName = "X",
            Preparation = _mlContext.Transforms.NormalizeMinMax("Features"),
        }));
        Assert.Contains("Preparation should make it.", error.Message, StringComparison.Ordinal);
        Assert.StartsWith("Preparation leaves rows out", Assert.Throws<InvalidOperationException>(
            () => Tune(Gaussian, new() { Preparation = new TuningRaceTests.FilteringEstimator() })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Probabilities_are_asked_for_where_a_metric_needs_them()
    {
        var svm = new TuningCandidate("SVM", w => _mlContext.BinaryClassification.Trainers.LinearSvm(exampleWeightColumnName: w));
        var few = new BinaryTuningOptions { Gammas = [0], L2Regularizations = [.01], Candidates = [svm] };
        var ranked = Tune(Gaussian, few);
        Assert.Null(ranked.Candidates[^1].Error);
        Assert.True(double.IsNaN(ranked.Candidates[^1].OwnLogLoss));
        var judged = Tune(Gaussian, few with { Metric = BinaryMetric.BrierScore });
        Assert.Equal("BrierScore needs probabilities, but the candidate does not have a column Probability.", judged.Candidates[^1].Error);
    }

    /// <summary>Each metric is that of the evaluation of the same rows.</summary>
    [Theory]
    [InlineData(BinaryMetric.AreaUnderRocCurve)]
    [InlineData(BinaryMetric.LogLoss)]
    [InlineData(BinaryMetric.BrierScore)]
    [InlineData(BinaryMetric.F1Score)]
    public void Any_metric_can_judge(BinaryMetric metric)
    {
        var result = Tune(Gaussian, new() { Metric = metric, Gammas = [0, 2], L2Regularizations = [1e-2, 1] });
        var folds = _mlContext.BinaryClassification.CrossValidateImbalanced(
            Gaussian, _mlContext.BinaryClassification.Trainers.FocalSgd(result.TrainerOptions!), seed: 0);
        Assert.Equal(folds.Mean(metric), result.Chosen.Mean, 5e-3);
        Assert.Equal($"{metric}", result.Metric);
        var isLowerBetter = metric is BinaryMetric.LogLoss or BinaryMetric.BrierScore;
        Assert.All(
            result.Candidates.Where(c => c.DroppedAfter is null),
            c => Assert.True(isLowerBetter ? c.DifferenceToBest >= 0 : c.DifferenceToBest <= 0));
    }

    /// <summary>F1 at the threshold that is best for it: at ½ it is lower.</summary>
    [Fact]
    public void A_metric_of_decisions_goes_by_the_policy()
    {
        var options = new BinaryTuningOptions { Metric = BinaryMetric.F1Score, Gammas = [0], L2Regularizations = [1e-3] };
        var data = Rows.View(_mlContext, Rows.Gaussian(2000, positiveRate: .05));
        var (atHalf, best) = (Tune(data, options), Tune(data, options with { ThresholdPolicy = ThresholdPolicy.MaximizeF() }));
        Assert.True(best.Chosen.Mean > atHalf.Chosen.Mean);
    }

    /// <summary>Profit by hand: a false alert costs 1, a missed positive 9, so that what is above .1 is called positive.</summary>
    [Fact]
    public void Profit_is_that_of_the_best_decisions_by_the_probabilities()
    {
        var result = Tune(Gaussian, new()
        {
            Profit = CostMatrix.OfMissCost(9),
            Gammas = [0],
            ClassWeightings = [ClassWeighting.None],
            L2Regularizations = [1e-3],
        });
        Assert.Equal(.1, result.Threshold!.Probability, 1e-6);
        var rows = _mlContext.Data.CreateEnumerable<OutOfFold>(result.OutOfFold, reuseRowObject: false).ToArray();
        var byFold = rows.GroupBy(row => row.Fold).Select(fold => fold.Average(
            row => row.Label ? row.Probability > .1 ? 0.0 : -9 : row.Probability > .1 ? -1 : 0));
        Assert.Equal(byFold.Average(), result.Chosen.Mean, 1e-9);
        Assert.All(rows, row => Assert.Equal(row.Probability > .1f, row.PredictedLabel));
        Assert.Equal(rows.Count(row => row.Label && row.PredictedLabel), result.Threshold.ConfusionCounts.TruePositives);
        Assert.Equal("Profit per row", result.Metric);
    }

    [Fact]
    public void A_grid_has_a_candidate_for_each_value()
    {
        var grid = TuningCandidate.Grid(
            "FastTree", "leaves", [4, 16],
            (w, leaves) => _mlContext.BinaryClassification.Trainers.FastTree(
                exampleWeightColumnName: w, numberOfLeaves: leaves, numberOfTrees: 5));
        TuningCandidate[] all = [.. grid, .. grid.Select(c => c with { ClassWeighting = ClassWeighting.Balanced })];
        Assert.Equal(
            ["FastTree, leaves=4", "FastTree, leaves=16", "FastTree, leaves=4, Balanced", "FastTree, leaves=16, Balanced"],
            all.Select(c => c.FullName));
        var result = Tune(Gaussian, new() { Gammas = [0], L2Regularizations = [.01], Candidates = all });
        Assert.Equal(all.Select(c => c.FullName), result.Candidates.TakeLast(4).Select(c => c.Name));
        Assert.Equal(16, result.Candidates[^3].Settings["leaves"]);
        Assert.Equal(4, result.Candidates.TakeLast(4).Select(c => c.Mean).Distinct().Count());
    }

    /// <summary>What a candidate is given for the name of its weights.</summary>
    [Fact]
    public void Candidates_are_told_their_weights()
    {
        List<string?> told = [];
        TuningCandidate own = new("own", w =>
        {
            told.Add(w);
            return _mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression(exampleWeightColumnName: w);
        });
        void Run(TuningCandidate candidate, string? weight) => Tune(Gaussian, new()
        {
            Gammas = [0],
            L2Regularizations = [.01],
            NumberOfFolds = 2,
            Candidates = [candidate],
            ExampleWeightColumnName = weight,
        });
        Run(own, null);
        Run(own, "Weight");
        Run(own with { ClassWeighting = ClassWeighting.Balanced }, "Weight");
        Assert.Equal([null, null, "Weight", "Weight", "Tuning.Weight", "Tuning.Weight"], told);
    }

    /// <summary>Focal loss in any trainer, as a candidate.</summary>
    [Fact]
    public void Focal_reweighting_can_be_a_candidate()
    {
        var trainers = _mlContext.BinaryClassification.Trainers;
        var result = Tune(Gaussian, new()
        {
            Gammas = [0],
            L2Regularizations = [.01],
            Candidates = [new("focal L-BFGS", w => trainers.FocalReweighted(
                inner => trainers.LbfgsLogisticRegression(exampleWeightColumnName: inner), exampleWeightColumnName: w))],
        });
        Assert.Null(result.Candidates[^1].Error);
        Assert.True(result.Candidates[^1].Mean > .5);
    }

    /// <summary>Rows of one key are in one fold.</summary>
    [Fact]
    public void A_sampling_key_keeps_rows_together()
    {
        var rows = Rows.Gaussian(600, positiveRate: .3);
        for (var i = 0; i < rows.Length; i++)
            rows[i].Weight = i / 6;
        var result = Tune(
            Rows.View(_mlContext, rows), new() { Gammas = [0], L2Regularizations = [.01], SamplingKeyColumnName = "Weight" });
        var folds = _mlContext.Data.CreateEnumerable<OutOfFold>(result.OutOfFold, reuseRowObject: false).ToArray();
        Assert.All(folds.Chunk(6), group => Assert.Single(group.Select(row => row.Fold).Distinct()));
    }

    private static TuningCandidate Candidate(string name)
        => new(name, _ => throw new InvalidOperationException("It is not to be fitted."));

    private BinaryTuningResult Tune(IDataView data, BinaryTuningOptions options)
        => _mlContext.BinaryClassification.TuneImbalanced(data, options);

    private sealed class OutOfFold
    {
        public int Fold { get; set; }

        public bool Label { get; set; }

        public float Probability { get; set; }

        public bool PredictedLabel { get; set; }
    }
}
