using FocalMlNet.Matrix;
using FocalMlNet.Optimization;

namespace FocalMlNet.Calibration;

/// <summary>
/// Makes the softmax of the scores of a trained model probabilities, by a temperature and a shift of each class that are folded into its
/// coefficients and offsets.
/// </summary>
internal static class SoftmaxCalibration
{
    /// <summary>The intercepts are found on at most so many scores, but 4,096 rows.</summary>
    private const int MostScores = 1 << 19;
    private const int FewestRows = 4096;

    /// <summary>The slope of the focal loss's curve is found on at most so many of them, but 1,024 rows.</summary>
    private const int MostCurveScores = 1 << 16;
    private const int FewestCurveRows = 1024;

    /// <summary>By the exact curve, over the training rows or, of many, a sample in which every class has its weight.</summary>
    /// <param name="model">The trained model, an output for each class.</param>
    /// <param name="gamma">γ of the loss.</param>
    /// <param name="classWeights">The class weights of the loss; 0 for a class without rows.</param>
    /// <param name="data">The training rows.</param>
    /// <param name="parallel">Threads and cancellation.</param>
    public static LinearModel Focal(LinearModel model, double gamma, double[] classWeights, TrainingData data, ParallelOptions parallel)
    {
        var curve = new SoftmaxFocalPosterior(gamma, [.. classWeights.Select(weight => weight > 0 ? weight : 1)]);
        if (curve.IsIdentity)
            return model;
        var outputs = model.OutputCount;
        var samples = Samples(
            model, data.Blocks, data.Totals,
            [Math.Max(FewestCurveRows, MostCurveScores / outputs), Math.Max(FewestRows, MostScores / outputs)], parallel);
        return Fold(model, SoftmaxMap.ForFocal(curve, samples[0], samples[1], [.. data.Totals.Weights], parallel));
    }

    /// <summary>By the labels of held-out rows.</summary>
    /// <param name="model">The trained model, an output for each class.</param>
    /// <param name="heldOut">Rows that the model was not trained on.</param>
    /// <param name="parallel">Threads and cancellation.</param>
    /// <exception cref="InvalidOperationException">The held-out rows are not of two classes at least, or a score is not finite.</exception>
    public static LinearModel Platt(LinearModel model, IReadOnlyList<RowBlock> heldOut, ParallelOptions parallel)
    {
        var totals = new ClassTotals(model.OutputCount);
        foreach (var block in heldOut)
            totals.Add(block);
        if (!totals.AreSeveral)
        {
            throw new InvalidOperationException(
                $"Calibration = Platt holds out rows of {totals.Counts.Count(n => n > 0)} of {totals.ClassCount} classes, "
                + "but it needs some of two classes at least with a weight above 0.");
        }

        var samples = Samples(model, heldOut, totals, [Math.Max(FewestRows, MostScores / model.OutputCount)], parallel);
        return Fold(model, SoftmaxMap.ForLabels(samples[0], parallel));
    }

    private static LinearModel Fold(LinearModel model, SoftmaxMap map)
        => ScoreCalibration.Fold(model, [.. map.Intercepts.Select(intercept => new LinearMap(map.Slope, intercept))]);

    /// <summary>For each of some numbers of rows, the scores of about so many rows or of all, found in one pass.</summary>
    private static ScoreRows[] Samples(
        LinearModel model, IEnumerable<RowBlock> blocks, ClassTotals totals, int[] sizes, ParallelOptions parallel)
    {
        StratifiedRows[] stratified = [.. sizes.Select(size => new StratifiedRows(totals, size))];
        ScoreRowsBuilder[] builders = [.. sizes.Select(_ => new ScoreRowsBuilder(model.OutputCount))];
        foreach (var some in RowBlock.Several(blocks))
        {
            for (var s = 0; s < sizes.Length; s++)
            {
                RowBlock[] kept = [.. some.Select(stratified[s].Take).Where(block => block.RowCount > 0)];
                var scores = ScoreCalibration.Scores(model, kept, parallel);
                for (var b = 0; b < kept.Length; b++)
                    builders[s].Add(scores[b], kept[b].Weights, kept[b].Labels);
            }
        }

        return [.. builders.Select((builder, s) => builder.Build(stratified[s].Factors))];
    }
}
