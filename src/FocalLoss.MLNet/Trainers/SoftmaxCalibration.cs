using FocalMlNet.Calibration;
using FocalMlNet.Data;
using FocalMlNet.Optimization;

namespace FocalMlNet.Trainers;

/// <summary>Makes the softmax of the scores of a trained model probabilities, by a temperature and a shift of each class that are folded into its coefficients and offsets.</summary>
internal static class SoftmaxCalibration
{
    /// <summary>The map is found on at most so many scores, but 4,096 rows.</summary>
    private const int MostScores = 1 << 19;
    private const int FewestRows = 4096;

    /// <summary>By the exact curve, over the training rows or, of many, a sample in which every class has its weight.</summary>
    /// <param name="model">The trained model, an output for each class.</param>
    /// <param name="gamma">γ of the loss.</param>
    /// <param name="classWeights">The class weights of the loss; 0 for a class without rows.</param>
    /// <param name="data">The training rows.</param>
    public static LinearModel Focal(LinearModel model, double gamma, double[] classWeights, TrainingData data)
    {
        var curve = new SoftmaxFocalPosterior(gamma, [.. classWeights.Select(weight => weight > 0 ? weight : 1)]);
        if (curve.IsIdentity)
            return model;
        var (rows, _) = Sample(model, data.Blocks, data.Totals);
        return Fold(model, SoftmaxMap.ForFocal(curve, rows, [.. data.Totals.Weights]));
    }

    /// <summary>By the labels of held-out rows.</summary>
    /// <param name="model">The trained model, an output for each class.</param>
    /// <param name="heldOut">Rows that the model was not trained on.</param>
    /// <exception cref="InvalidOperationException">The held-out rows are not of two classes at least.</exception>
    public static LinearModel Platt(LinearModel model, IReadOnlyList<RowBlock> heldOut)
    {
        var totals = new ClassTotals(model.OutputCount);
        foreach (var block in heldOut)
            totals.Add(block);
        if (!totals.AreSeveral)
        {
            throw new InvalidOperationException(
                $"Calibration = Platt holds out rows of {totals.Counts.Count(n => n > 0)} of {totals.ClassCount} classes, but it needs some of two classes at least with a weight above 0.");
        }

        var (rows, labels) = Sample(model, heldOut, totals);
        return Fold(model, SoftmaxMap.ForLabels(rows, labels));
    }

    private static LinearModel Fold(LinearModel model, SoftmaxMap map)
        => ScoreCalibration.Fold(model, [.. map.Intercepts.Select(intercept => new LinearMap(map.Slope, intercept))]);

    /// <summary>Scores of rows, evenly thinned in the classes that have most of them; those that stay weigh as much as their class.</summary>
    private static (ScoreRows Rows, int[] Labels) Sample(LinearModel model, IEnumerable<RowBlock> blocks, ClassTotals totals)
    {
        var keep = Keep(totals.Counts, Math.Max(FewestRows, MostScores / model.OutputCount));
        var (seen, kept) = (new long[keep.Length], new double[keep.Length]);
        var (scores, weights, labels) = (new List<double>(), new List<double>(), new List<int>());
        var part = new float[RowBlock.MaxRowCount * model.OutputCount];
        foreach (var block in blocks)
        {
            var isScored = false;
            for (var i = 0; i < block.RowCount; i++)
            {
                var k = (int)block.Labels[i];
                var (before, after) = (Math.Floor(seen[k] * keep[k]), Math.Floor((seen[k] + 1) * keep[k] + 1e-9));
                seen[k]++;
                if (after <= before || block.Weights[i] == 0)
                    continue;
                if (!isScored)
                    model.Score(block, part.AsSpan(0, block.RowCount * model.OutputCount));
                isScored = true;
                for (var output = 0; output < model.OutputCount; output++)
                    scores.Add(part[output * block.RowCount + i]);
                weights.Add(block.Weights[i]);
                labels.Add(k);
                kept[k] += block.Weights[i];
            }
        }

        for (var i = 0; i < labels.Count; i++)
            weights[i] *= totals.Weights[labels[i]] / kept[labels[i]];
        return (new ScoreRows([.. scores], [.. weights]), [.. labels]);
    }

    /// <summary>The share of each class's rows to keep: as many of each class as go into the given number together.</summary>
    private static double[] Keep(IReadOnlyList<long> counts, int most)
    {
        double left = most;
        var share = new double[counts.Count];
        var place = 0;
        foreach (var k in Enumerable.Range(0, counts.Count).OrderBy(k => counts[k]))
        {
            var own = Math.Min(counts[k], Math.Floor(left / (counts.Count - place++)));
            share[k] = counts[k] == 0 ? 0 : own / counts[k];
            left -= own;
        }

        return share;
    }
}
