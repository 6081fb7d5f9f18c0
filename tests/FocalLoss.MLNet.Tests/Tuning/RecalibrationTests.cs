using FocalMlNet.Tuning;
using Microsoft.ML;

namespace FocalMlNet.Tests.Tuning;

/// <summary>The calibrator on scores out of fold, and whether it is taken, on figures that are made up.</summary>
public sealed class RecalibrationTests
{
    /// <summary>
    /// The map that loses least log-loss against Platt's targets: there the residuals have mean 0, alone and times the score. A positive's
    /// target is (n + 1) / (n + 2) for n positives, a negative's 1 / (m + 2) for m negatives.
    /// </summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 3)]
    [InlineData(1, 4)]
    public void The_map_is_logistic_regression_on_Platts_targets(float positiveWeight, float negativeWeight)
    {
        var folds = Folds(1, positiveWeight, negativeWeight);
        var map = Recalibration.Of(folds, isByTime: false)!.Map;
        double level = 0, tilt = 0;
        var positives = folds.Sum(fold => fold.Rows.ArePositive.Count(p => p));
        var negatives = folds.Sum(fold => fold.Rows.Rows.Length) - positives;
        foreach (var (isPositive, score, weight) in folds.SelectMany(Examples))
        {
            var target = isPositive ? (positives + 1.0) / (positives + 2) : 1.0 / (negatives + 2);
            var residual = weight * (1 / (1 + Math.Exp(-(map.Slope * score + map.Intercept))) - target);
            level += residual;
            tilt += residual * score;
        }

        Assert.Equal(0, level, 1e-6);
        Assert.Equal(0, tilt, 1e-6);
        Assert.True(map.Slope > 0);
    }

    [Fact]
    public void The_unit_of_weights_does_not_matter()
    {
        var (one, thousandth) = (Recalibration.Of(Folds(1, 1, 4), false)!.Map, Recalibration.Of(Folds(1, .001f, .004f), false)!.Map);
        Assert.Equal(one.Slope, thousandth.Slope, 1e-5);
        Assert.Equal(one.Intercept, thousandth.Intercept, 1e-5);
        Assert.True(Math.Abs(one.Intercept - Recalibration.Of(Folds(1, 1, 1), false)!.Map.Intercept) > 1);
    }

    /// <summary>With other labels in a fold the probabilities of others change, not its own; by time, only those of later folds.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_fold_has_no_part_in_its_own_map(bool isByTime)
    {
        const int Changed = 3;
        JudgedFold[] before = Folds(1), after = [.. before];
        after[Changed] = before[Changed] with
        {
            Rows = new(before[Changed].Rows.Rows, [.. before[Changed].Rows.ArePositive.Select(p => p ? 0f : 1f)],
                before[Changed].Rows.Weights),
        };
        var (one, other) = (Recalibration.Of(before, isByTime)!, Recalibration.Of(after, isByTime)!);
        Assert.NotEqual(one.Map, other.Map);
        Assert.Equal(isByTime ? [1, 2, 3, 4] : [0, 1, 2, 3, 4], one.Folds.Select(fold => fold.Fold));
        foreach (var (a, b) in one.Folds.Zip(other.Folds))
        {
            var isTaught = isByTime ? a.Fold > Changed : a.Fold != Changed;
            Assert.Equal(!isTaught, a.Predictions.Probabilities.SequenceEqual(b.Predictions.Probabilities));
        }
    }

    [Fact]
    public void Scores_that_rank_upside_down_get_no_calibrator()
    {
        JudgedFold[] folds = [.. Folds(1).Select(fold => fold with
        {
            Predictions = new([.. fold.Predictions.Scores.Select(score => -score)], []),
        })];
        Assert.Null(Recalibration.Of(folds, isByTime: false));
        Assert.Null(Recalibration.Of(folds[..1], isByTime: false));
    }

    /// <summary>Classes that no score confuses, and scores at the ends of single precision.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(1e38f)]
    [InlineData(1e-30f)]
    public void Scores_without_error_and_of_any_size_give_a_finite_map(float unit)
    {
        JudgedFold[] folds = [.. Folds(1).Select(fold => fold with
        {
            Predictions = new(Array.ConvertAll(fold.Rows.ArePositive, p => p ? 3 * unit : -unit), []),
        })];
        var calibrated = Recalibration.Of(folds, isByTime: false)!;
        // All positives have one score, and so the mean of their targets is their probability.
        foreach (var (fold, own) in folds.Zip(calibrated.Folds))
        {
            var rest = folds.Where(other => other.Fold != fold.Fold).SelectMany(other => other.Rows.ArePositive).ToArray();
            double positives = rest.Count(p => p), negatives = rest.Length - positives;
            Assert.All(own.Predictions.Probabilities.Zip(fold.Rows.ArePositive), of => Assert.Equal(
                of.Second ? (positives + 1) / (positives + 2) : 1 / (negatives + 2), of.First, 1e-4));
        }
    }

    /// <summary>
    /// 30 positives among 3,000 rows, all but one of which are told apart: a calibrator that has seen that one spoils the others, and is
    /// not taken, since it is better in the one fold only.
    /// </summary>
    [Fact]
    public void One_error_in_a_nearly_perfect_ranking_does_not_spoil_the_rest()
    {
        const double TestToTrain = .25;
        var task = new BinaryTuningTask(new MLContext().BinaryClassification, new());
        var entrant = new AddedEntrant(0, new("trees", _ => null!));
        JudgedFold[] folds = [.. Enumerable.Range(0, 5).Select(fold =>
        {
            float[] labels = [.. Enumerable.Range(0, 600).Select(i => i < 6 ? 1f : 0f)];
            float[] scores = [.. labels.Select((y, i) => y == 0 || (fold == 2 && i == 0) ? -9f : 7f)];
            return new JudgedFold(fold, new([.. Enumerable.Range(600 * fold, 600)], labels, [.. labels.Select(_ => 1f)]),
                new(scores, Array.ConvertAll(scores, z => 1 / (1 + MathF.Exp(-z)))));
        })];
        foreach (var fold in folds)
            entrant.Add(task.Judge(fold.Predictions, fold.Rows), fold);
        entrant.Recalibrate(task, isByTime: false, TestToTrain);
        Assert.Null(entrant.Recalibration);
        Assert.Equal(entrant.OwnLogLosses, entrant.LogLosses);
        // In the folds without the error it would have three times the log-loss at least.
        var calibrated = Recalibration.Of(folds, isByTime: false)!.Folds;
        Assert.All(calibrated.Where(fold => fold.Fold != 2), fold => Assert.True(
            task.Judge(fold.Predictions, fold.Rows).LogLoss > 3 * entrant.LogLosses[fold.Fold]));
    }

    /// <summary>Scores that are log-odds, and probabilities that are too sure of them by a factor.</summary>
    private static JudgedFold[] Folds(int seed, float positiveWeight = 1, float negativeWeight = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, 5).Select(fold =>
        {
            float[] scores = [.. Enumerable.Range(0, 100).Select(_ => (float)(2 * Rows.Normal(random) - 1))];
            float[] labels = Array.ConvertAll(scores, z => random.NextDouble() < 1 / (1 + Math.Exp(-z)) ? 1f : 0f);
            return new JudgedFold(
                fold, new([.. Enumerable.Range(100 * fold, 100)], labels, Array.ConvertAll(labels, y => y == 1 ? positiveWeight
                : negativeWeight)), new(scores, Array.ConvertAll(scores, z => (float)(1 / (1 + Math.Exp(-3 * z))))));
        })];
    }

    private static IEnumerable<(bool IsPositive, double Score, double Weight)> Examples(JudgedFold fold)
        => fold.Rows.ArePositive.Select((p, i) => (p, (double)fold.Predictions.Scores[i], (double)fold.Rows.Weights[i]));
}
