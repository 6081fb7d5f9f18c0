using FocalMlNet.Tests.StockModels;
using Microsoft.ML;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests.Tuning;

/// <summary>What the probabilities of added candidates are worth on rows that the tuning has not seen.</summary>
public sealed class TunedProbabilitiesTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Trees_that_are_too_sure_get_a_calibrator(bool isGrouped)
    {
        NativeParts.NeedFastTree();
        var (train, test) = (View(Products(1500, 1)), View(Products(6000, 2)));
        var result = Tune(train, Options(Trees("trees")) with { SamplingKeyColumnName = isGrouped ? "Weight" : null });
        Assert.Equal("trees", result.Chosen.Name);
        Assert.True(result.Chosen.IsRecalibrated);
        Assert.True(result.Chosen.LogLoss < .95 * result.Chosen.OwnLogLoss);
        Assert.Contains(result.Conclusions, s => s.StartsWith(
            "trees has the probabilities of a Platt calibrator on its scores out of fold", StringComparison.Ordinal));
        var (own, calibrated) = (LogLoss(Own(result), test), LogLoss(result.Model, test));
        Assert.True(calibrated < .95 * own, $"{own} {calibrated}");
        // What was expected is what came, up to the chance of some thousand rows.
        Assert.Equal(calibrated, result.Chosen.LogLoss, .03);
    }

    /// <summary>
    /// Rows of a group are alike, and the label of a group is a coin with a little tendency: who knows the group knows all, on other groups
    /// next to nothing. Only folds of whole groups tell that.
    /// </summary>
    [Fact]
    public void Groups_are_what_the_calibrator_does_not_know()
    {
        NativeParts.NeedFastTree();
        var (train, test) = (View(Groups(80, 1)), View(Groups(400, 2)));
        var options = Options(Trees("trees")) with { Metric = BinaryMetric.AreaUnderRocCurve };
        var (rows, groups) = (Tune(train, options), Tune(train, options with { SamplingKeyColumnName = "Weight" }));
        Assert.True(groups.Candidates[^1].IsRecalibrated);
        Assert.Equal("trees", rows.Chosen.Name);
        Assert.True(rows.Chosen.LogLoss < .3);
        Assert.Equal("trees", groups.Chosen.Name);
        Assert.True(LogLoss(groups.Model, test) < .7 * LogLoss(rows.Model, test));
    }

    /// <summary>About 30 positives, nearly all of which any tree finds.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_nearly_perfect_ranking_of_few_positives_is_not_ruined(int seed)
    {
        NativeParts.NeedFastTree();
        var (train, test) = (View(Separated(3000, seed)), View(Separated(20_000, seed + 10)));
        var result = Tune(train, Options(Trees("trees")) with { L2Regularizations = [1000] });
        Assert.Equal("trees", result.Chosen.Name);
        var (own, taken) = (LogLoss(Own(result), test), LogLoss(result.Model, test));
        Assert.True(taken <= 1.02 * own, $"{own} {taken}");
    }

    /// <summary>Probabilities that are the truth: a calibrator could only add noise.</summary>
    [Fact]
    public void Probabilities_that_are_right_are_left_alone()
    {
        var calibrated = Enumerable.Range(0, 20).Count(seed => Tune(
            View(Logistic(600, seed)), Options(Truth("truth", 1)) with { Preparation = Blind }).Candidates[^1].IsRecalibrated);
        // By the rule chance alone does it in at most 16 of 100.
        Assert.InRange(calibrated, 0, 3);
    }

    [Fact]
    public void The_model_is_one_of_ML_NET_with_the_threshold_and_is_the_same_when_loaded()
    {
        NativeParts.NeedFastTree();
        var (train, test) = (View(Products(1500, 1)), View(Products(500, 2)));
        var result = Tune(train, Options(Trees("trees")) with { ThresholdPolicy = ThresholdPolicy.ReachRecall(.8) });
        Assert.True(result.IsThresholdInModel && result.Chosen.IsRecalibrated);
        var scored = Rows.Score(_mlContext, result.Model, test);
        Assert.All(scored, row => Assert.Equal(row.Probability > result.Threshold!.Probability, row.PredictedLabel));
        Assert.Contains(scored, row => row.PredictedLabel);
        // It is the same trees.
        Assert.Equal(Rows.Score(_mlContext, Own(result), test).Select(row => row.Score), scored.Select(row => row.Score));
        using var file = new MemoryStream();
        _mlContext.Model.Save(result.Model, train.Schema, file);
        file.Position = 0;
        var again = Rows.Score(_mlContext, _mlContext.Model.Load(file, out _), test);
        Assert.Equal(scored.Select(row => (row.Score, row.Probability, row.PredictedLabel)),
            again.Select(row => (row.Score, row.Probability, row.PredictedLabel)));
        Assert.All(((IEnumerable<ITransformer>)result.Model), step => Assert.StartsWith(
            "Microsoft.ML", step.GetType().Namespace, StringComparison.Ordinal));
    }

    [Fact]
    public void The_calibrator_is_in_the_ONNX_graph()
    {
        NativeParts.NeedFastTree();
        var test = Products(500, 2);
        var result = Tune(View(Products(1500, 1)), Options(Trees("trees")));
        Assert.True(result.Chosen.IsRecalibrated);
        var expected = Rows.Score(_mlContext, result.Model, View(test));
        using var graph = OnnxGraph.OfFeatures(_mlContext, result.Model, 2);
        using var columns = graph.Run([.. test.Select(row => row.Features)]);
        Assert.All(expected.Zip(columns.Of<float>("Probability")), pair => Assert.Equal(pair.First.Probability, pair.Second, 1e-5));
        Assert.Equal(expected.Select(row => row.PredictedLabel), columns.Of<bool>("PredictedLabel"));
    }

    [Fact]
    public void Rows_out_of_fold_have_probabilities_that_their_labels_had_no_part_in()
    {
        NativeParts.NeedFastTree();
        var result = Tune(View(Products(1500, 1)), Options(Trees("trees")));
        var metrics = _mlContext.BinaryClassification.EvaluateImbalanced(result.OutOfFold, exampleWeightColumnName: "Weight");
        Assert.Equal(result.Chosen.LogLoss, metrics.LogLoss, .01);
        Assert.Equal(
            _mlContext.BinaryClassification.ChooseThreshold(result.OutOfFold, ThresholdPolicy.MaximizeF()).Probability,
            result.Threshold!.Probability);
        // One map for each fold: where scores rise, so do probabilities, in a fold but not over all.
        var rows = _mlContext.Data.CreateEnumerable<OutOfFoldRow>(result.OutOfFold, reuseRowObject: false).ToArray();
        Assert.Equal(1500, rows.Length);
        var slopes = rows.GroupBy(row => row.Fold).Select(fold =>
        {
            var byScore = fold.OrderBy(row => row.Score).ToArray();
            Assert.Equal(byScore.Select(row => row.Probability).Order(), byScore.Select(row => row.Probability));
            return Math.Round((Logit(byScore[^1]) - Logit(byScore[0])) / (byScore[^1].Score - byScore[0].Score), 6);
        });
        Assert.Equal(5, slopes.Distinct().Count());
    }

    /// <summary>
    /// By time the oldest rows that judge teach the first map and are out: what is left has seen nothing of its future.
    /// </summary>
    [Fact]
    public void By_time_the_first_fold_teaches_the_calibrator_alone()
    {
        NativeParts.NeedFastTree();
        var rows = Products(2000, 1);
        for (var i = 0; i < rows.Length; i++)
            rows[i].Weight = i;
        var result = Tune(View(rows), Options(Trees("trees", 300)) with { TimeColumnName = "Weight" });
        Assert.True(result.Chosen.IsRecalibrated);
        var judged = _mlContext.Data.CreateEnumerable<OutOfFoldRow>(result.OutOfFold, reuseRowObject: false).ToArray();
        Assert.Equal([1, 2, 3, 4], judged.Select(row => row.Fold).Distinct().Order());
        var splits = _mlContext.Data.TimeOrderedCrossValidationSplit(View(rows), "Weight", 5, labelColumnName: "Label");
        Assert.Equal(splits.Skip(1).Sum(split => split.TestSet.GetRowCount()!.Value), judged.Length);
        Assert.True(LogLoss(result.Model, View(Products(5000, 2))) < .95 * LogLoss(Own(result), View(Products(5000, 2))));
    }

    [Fact]
    public void Example_weights_count()
    {
        // Truth for rows of equal weight; where positives count four times, their odds are four times as large.
        var rows = Logistic(3000, 1);
        foreach (var row in rows)
            row.Weight = row.Label ? 4 : 1;
        var options = Options(Truth("truth", 1)) with { Preparation = Blind };
        Assert.False(Tune(View(rows), options).Chosen.IsRecalibrated);
        var result = Tune(View(rows), options with { ExampleWeightColumnName = "Weight" });
        Assert.True(result.Chosen.IsRecalibrated);
        var scored = result.Model.Transform(View(Logistic(100, 2)));
        Assert.All(scored.GetColumn<float>("Score").Zip(scored.GetColumn<float>("Probability")), row => Assert.Equal(
            row.First + Math.Log(4), Math.Log(row.Second / (1 - row.Second)), .5));
    }

    /// <summary>A better ranking that says its probabilities wrongly is judged by those that come out.</summary>
    [Theory]
    [InlineData(BinaryMetric.LogLoss)]
    [InlineData(BinaryMetric.BrierScore)]
    public void A_metric_of_probabilities_judges_what_comes_out(BinaryMetric metric)
    {
        var result = Tune(View(Logistic(1500, 1)), Options(Truth("sure", 6)) with
        {
            Metric = metric,
            Preparation = Blind,
        });
        var sure = result.Candidates[^1];
        Assert.Null(sure.DroppedAfter);
        Assert.True(sure.IsRecalibrated);
        Assert.Equal("sure", result.Chosen.Name);
        if (metric == BinaryMetric.LogLoss)
            Assert.Equal(sure.Mean, sure.LogLoss, 1e-12);
        // With a single fold nothing could be judged; with repeats each has its own maps.
        var twice = Tune(View(Logistic(1500, 1)), Options(Truth("sure", 6)) with
        {
            Metric = metric,
            Preparation = Blind,
            NumberOfRepeats = 2,
        });
        Assert.Equal(10, twice.Candidates[^1].FoldCount);
        Assert.Equal(sure.Mean, twice.Candidates[^1].Mean, .01);
        Assert.Equal(1500, twice.OutOfFold.GetRowCount());
    }

    [Fact]
    public void A_candidate_without_probabilities_is_given_some()
    {
        var svm = new TuningCandidate("SVM", w => _mlContext.Transforms.NormalizeMinMax("Features").Append(
            _mlContext.BinaryClassification.Trainers.LinearSvm(exampleWeightColumnName: w, numberOfIterations: 20)));
        var data = View(Logistic(1500, 1));
        var result = Tune(data, Options(svm) with { Preparation = Blind });
        Assert.Equal("SVM", result.Chosen.Name);
        Assert.True(result.Chosen.IsRecalibrated);
        Assert.True(double.IsNaN(result.Chosen.OwnLogLoss));
        Assert.Contains(
            "SVM has no probabilities of its own: a Platt calibrator on its scores out of fold makes them.", result.Conclusions);
        Assert.True(result.IsThresholdInModel);
        var test = View(Logistic(5000, 2));
        var scored = Rows.Score(_mlContext, result.Model, test);
        Assert.All(scored, row => Assert.Equal(row.Probability > result.Threshold!.Probability, row.PredictedLabel));
        Assert.Equal(scored.Average(row => row.Label ? 1.0 : 0), scored.Average(row => (double)row.Probability), .02);
    }

    [Fact]
    public void A_calibrator_that_a_pipeline_ends_with_is_replaced_or_stays_with_its_threshold()
    {
        // Half of what the score says, and right.
        var data = View(Logistic(3000, 1));
        TuningCandidate Ending(double slope) => new("ending", _ => _mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression()
            .Append(_mlContext.BinaryClassification.Calibrators.Platt(slope, 0)));
        foreach (var (slope, isReplaced) in new[] { (-.2, true), (-1.0, false) })
        {
            var result = Tune(data, Options(Ending(slope)) with { Preparation = Blind });
            Assert.Equal("ending", result.Chosen.Name);
            Assert.Equal(isReplaced, result.Chosen.IsRecalibrated);
            Assert.Equal(2, ((IEnumerable<ITransformer>)result.Model).Count());
            Assert.True(result.IsThresholdInModel);
            var last = Assert.IsAssignableFrom<CalibratorTransformer<PlattCalibrator>>(((IEnumerable<ITransformer>)result.Model).Last());
            Assert.Equal(-1, ((IPredictionTransformer<PlattCalibrator>)last).Model.Slope, isReplaced ? .2 : 0);
            Assert.All(Rows.Score(_mlContext, result.Model, data), row => Assert.Equal(
                row.Probability > result.Threshold!.Probability, row.PredictedLabel));
        }
    }

    [Fact]
    public void Columns_of_the_input_are_none_of_the_candidate()
    {
        var data = _mlContext.Transforms.CustomMapping<FeatureRow, ScoreRow>((row, scored) =>
            (scored.Score, scored.Probability) = (1, .5f), null).Fit(View(Logistic(300, 1))).Transform(View(Logistic(300, 1)));
        var result = Tune(data, Options(
            new TuningCandidate("nothing", _ => _mlContext.Transforms.NormalizeMinMax("Features")),
            new TuningCandidate("SVM", w => _mlContext.BinaryClassification.Trainers.LinearSvm(exampleWeightColumnName: w))) with
        {
            Preparation = Blind,
        });
        Assert.Equal("The model adds no column 'Score': the one that there is was in its input.", result.Candidates[^2].Error);
        Assert.Null(result.Candidates[^1].Error);
        Assert.True(double.IsNaN(result.Candidates[^1].OwnLogLoss));
    }

    /// <summary>Lines are shown the squares of features only, which tell nothing.</summary>
    private IEstimator<ITransformer> Blind => _mlContext.Transforms.CustomMapping<FeatureRow, FeatureRow>(
        (row, shown) => shown.Features = Array.ConvertAll(row.Features, x => x * x), null);

    private static BinaryTuningOptions Options(params TuningCandidate[] candidates) => new()
    {
        ClassWeightings = [ClassWeighting.None],
        Gammas = [0],
        Candidates = candidates,
    };

    private BinaryTuningResult Tune(IDataView data, BinaryTuningOptions options)
        => _mlContext.BinaryClassification.TuneImbalanced(data, options);

    private IDataView View(Row[] rows) => Rows.View(_mlContext, rows);

    private double LogLoss(ITransformer model, IDataView test)
        => _mlContext.BinaryClassification.EvaluateImbalanced(model.Transform(test)).LogLoss;

    /// <summary>The model with the probabilities that the candidate has itself.</summary>
    private static ITransformer Own(BinaryTuningResult result) => result.Chosen.IsRecalibrated
        ? new TransformerChain<ITransformer>([.. ((IEnumerable<ITransformer>)result.Model).SkipLast(1)]) : result.Model;

    private static double Logit(OutOfFoldRow row) => Math.Log(row.Probability) - Math.Log(1 - (double)row.Probability);

    private TuningCandidate Trees(string name, int count = 100) => new(name, w => _mlContext.BinaryClassification.Trainers.FastTree(
        exampleWeightColumnName: w, numberOfTrees: count, numberOfLeaves: 16, minimumExampleCountPerLeaf: 5));

    /// <summary>The true log-odds times a factor.</summary>
    private TuningCandidate Truth(string name, float factor)
    {
        return new(name, _ => _mlContext.Transforms.CustomMapping<FeatureRow, ScoreRow>(Score, null));

        void Score(FeatureRow row, ScoreRow scored)
        {
            scored.Score = factor * (row.Features[0] + row.Features[1] - 1);
            scored.Probability = 1 / (1 + MathF.Exp(-scored.Score));
        }
    }

    private static Row[] Logistic(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            float[] x = [(float)Rows.Normal(random), (float)Rows.Normal(random)];
            return new Row { Label = random.NextDouble() < 1 / (1 + Math.Exp(1 - x[0] - x[1])), Features = x };
        })];
    }

    /// <summary>Positives are frequent where the product of two features is above a number: trees learn the noise.</summary>
    private static Row[] Products(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            float[] x = [(float)Rows.Normal(random), (float)Rows.Normal(random)];
            return new Row { Label = random.NextDouble() < (x[0] * x[1] > .8 ? .6 : .05), Features = x, Weight = 1 + random.Next(200) };
        })];
    }

    private static Row[] Groups(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).SelectMany(group =>
        {
            var (x, y) = ((float)Rows.Normal(random), (float)Rows.Normal(random));
            var label = random.NextDouble() < (x * y > 0 ? .8 : .2);
            return Enumerable.Range(0, 12).Select(_ => new Row { Label = label, Features = [x, y], Weight = seed * 10_000 + group });
        })];
    }

    private static Row[] Separated(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            float[] x = [(float)random.NextDouble(), (float)random.NextDouble()];
            return new Row { Label = x[0] is > .45f and < .55f && x[1] is > .45f and < .55f, Features = x };
        })];
    }

    private sealed class FeatureRow
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];
    }

    private sealed class ScoreRow
    {
        public float Score { get; set; }

        public float Probability { get; set; }
    }

    private sealed class OutOfFoldRow
    {
        public int Fold { get; set; }

        public float Score { get; set; }

        public float Probability { get; set; }
    }
}
