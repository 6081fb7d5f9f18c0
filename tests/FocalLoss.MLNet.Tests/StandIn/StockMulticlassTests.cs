using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests.StandIn;

/// <summary>What the stock trainers and metrics of several classes do, on the package and on the stand-in alike.</summary>
public sealed class StockMulticlassTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [Fact]
    public void Metrics_are_those_calculated_by_hand()
    {
        Judged[] rows =
        [
            new() { Label = 0, Score = [.7f, .2f, .1f], PredictedLabel = 0 },
            new() { Label = 0, Score = [.3f, .6f, .1f], PredictedLabel = 1 },
            new() { Label = 1, Score = [.2f, .5f, .3f], PredictedLabel = 1 },
            new() { Label = 2, Score = [.1f, .1f, .8f], PredictedLabel = 2 },
        ];
        var metrics = _mlContext.MulticlassClassification.Evaluate(_mlContext.Data.LoadFromEnumerable(rows));
        var logLoss = -(Math.Log(.7) + Math.Log(.3) + Math.Log(.5) + Math.Log(.8)) / 4;
        var entropy = .5 * Math.Log(2) + 2 * .25 * Math.Log(4);
        Assert.Equal(.75, metrics.MicroAccuracy, 1e-12);
        Assert.Equal((.5 + 1 + 1) / 3, metrics.MacroAccuracy, 1e-12);
        Assert.Equal(logLoss, metrics.LogLoss, 1e-6);
        Assert.Equal((entropy - logLoss) / entropy, metrics.LogLossReduction, 1e-6);
        Assert.Equal(-(Math.Log(.7) + Math.Log(.3)) / 2, metrics.PerClassLogLoss[0], 1e-6);
        Assert.Equal([[1, 1, 0], [0, 1, 0], [0, 0, 1]], metrics.ConfusionMatrix.Counts);
        Assert.Equal([1, .5, 1], metrics.ConfusionMatrix.PerClassPrecision);
    }

    [Fact]
    public void Maximum_entropy_by_L_BFGS_is_the_focal_loss_with_gamma_0()
    {
        var rows = MulticlassRows.Gaussian(1000);
        var view = MulticlassRows.View(_mlContext, rows);
        var trainers = _mlContext.MulticlassClassification.Trainers;
        var stock = trainers.LbfgsMaximumEntropy(l1Regularization: 0, l2Regularization: 10, optimizationTolerance: 1e-9f).Fit(view);
        var ours = trainers.FocalSgd(new FocalSgdMulticlassTrainer.Options { Gamma = 0, L2Regularization = .01, ConvergenceTolerance = 1e-9 }).Fit(view);
        AssertSameScores(MulticlassRows.Score(_mlContext, stock, view), MulticlassRows.Score(_mlContext, ours, view), .005f);
        VBuffer<float>[] weights = [];
        stock.Model.GetWeights(ref weights, out var classes);
        Assert.Equal((4, 4, 4, 3), (classes, weights.Length, stock.Model.GetBiases().Count(), weights[0].Length));
    }

    [Fact]
    public void Maximum_entropy_by_SDCA_comes_near_it()
    {
        var view = MulticlassRows.View(_mlContext, MulticlassRows.Gaussian(1000));
        var trainers = _mlContext.MulticlassClassification.Trainers;
        var lbfgs = trainers.LbfgsMaximumEntropy(l1Regularization: 0, l2Regularization: 10).Fit(view);
        var sdca = trainers.SdcaMaximumEntropy(l2Regularization: .01f, l1Regularization: 0, maximumNumberOfIterations: 200).Fit(view);
        // SDCA regularises the biases, too.
        var differences = MulticlassRows.Score(_mlContext, lbfgs, view).Zip(
            MulticlassRows.Score(_mlContext, sdca, view), (one, other) => one.Score.Zip(other.Score, (a, b) => Math.Abs(a - b)).Max());
        Assert.InRange(differences.Average(), 0, .05f);
    }

    [Fact]
    public void One_versus_all_takes_scores_as_they_are_if_told_so()
    {
        var view = MulticlassRows.View(_mlContext, MulticlassRows.Gaussian(1000));
        var binary = _mlContext.BinaryClassification.Trainers.SgdCalibrated();
        var trainers = _mlContext.MulticlassClassification.Trainers;
        Assert.All(MulticlassRows.Score(_mlContext, trainers.OneVersusAll(binary).Fit(view), view), row => Assert.Equal(1, row.Score.Sum(), 1e-5f));
        Assert.Contains(MulticlassRows.Score(_mlContext, trainers.OneVersusAll(binary, useProbabilities: false).Fit(view), view), row => row.Score.Min() < 0);
    }

    private static void AssertSameScores(MulticlassScored[] expected, MulticlassScored[] actual, float tolerance)
    {
        foreach (var (one, other) in expected.Zip(actual))
            Assert.Equal(one.Score, other.Score, (a, b) => Math.Abs(a - b) <= tolerance);
    }

    private sealed class Judged
    {
        [KeyType(3)]
        public uint Label { get; set; }

        [VectorType(3)]
        public float[] Score { get; set; } = [];

        [KeyType(3)]
        public uint PredictedLabel { get; set; }
    }
}
