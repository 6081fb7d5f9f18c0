using FocalMlNet.Matrix;
using FocalMlNet.Optimization;

namespace FocalMlNet.Calibration;

/// <summary>
/// Makes the softmax of the scores of a trained model probabilities, by a temperature and a shift of each class that are folded into its
/// coefficients and offsets. A class without rows stays as it is: its score, as low as it can be, would have the map stretched or shrunk
/// for a probability of next to nothing.
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
    /// <param name="classWeights">The class weights of the loss.</param>
    /// <param name="data">The training rows.</param>
    /// <param name="parallel">Threads and cancellation.</param>
    public static LinearModel Focal(LinearModel model, double gamma, double[] classWeights, TrainingData data, ParallelOptions parallel)
    {
        int[] classes = [.. Enumerable.Range(0, model.OutputCount).Where(k => data.Totals.Weights[k] > 0)];
        var curve = new SoftmaxFocalPosterior(gamma, [.. classes.Select(k => classWeights[k] > 0 ? classWeights[k] : 1)]);
        if (curve.IsIdentity)
            return model;
        var samples = Samples(
            model, classes, data.Blocks, data.Totals,
            [Math.Max(FewestCurveRows, MostCurveScores / classes.Length), Math.Max(FewestRows, MostScores / classes.Length)], parallel);
        return Fold(
            model, classes,
            SoftmaxMap.ForFocal(curve, samples[0], samples[1], [.. classes.Select(k => data.Totals.Weights[k])], parallel));
    }

    /// <summary>By the labels of held-out rows.</summary>
    /// <param name="model">The trained model, an output for each class.</param>
    /// <param name="heldOut">Rows that the model was not trained on.</param>
    /// <param name="trained">Of the rows it was trained on.</param>
    /// <param name="parallel">Threads and cancellation.</param>
    /// <exception cref="InvalidOperationException">The held-out rows are not of two classes at least, or a score is not finite.</exception>
    public static LinearModel Platt(LinearModel model, IReadOnlyList<RowBlock> heldOut, ClassTotals trained, ParallelOptions parallel)
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

        int[] classes = [.. Enumerable.Range(0, model.OutputCount).Where(k => trained.Weights[k] > 0 || totals.Weights[k] > 0)];
        var samples = Samples(model, classes, heldOut, totals, [Math.Max(FewestRows, MostScores / classes.Length)], parallel);
        return Fold(model, classes, SoftmaxMap.ForLabels(samples[0], parallel));
    }

    private static LinearModel Fold(LinearModel model, int[] classes, SoftmaxMap map)
        => model.With(classes, ScoreCalibration.Fold(
            model.Some(classes), [.. map.Intercepts.Select(intercept => new LinearMap(map.Slope, intercept))]));

    /// <summary>The scores of each block; none is NaN or infinite.</summary>
    private static float[][] Scores(LinearModel model, RowBlock[] blocks, ParallelOptions parallel)
    {
        var scores = new float[blocks.Length][];
        ParallelLoop.For(blocks.Length, parallel, b =>
        {
            scores[b] = new float[blocks[b].RowCount * model.OutputCount];
            blocks[b].Scores(model.Coefficients, model.Offsets, scores[b]);
            FiniteScores.Check(scores[b]);
        });
        return scores;
    }

    /// <summary>
    /// For each of some numbers of rows, the scores of about so many rows or of all, found in one pass: those of some classes, as whose
    /// numbers among themselves the labels are told.
    /// </summary>
    private static ScoreRows[] Samples(
        LinearModel model, int[] classes, IEnumerable<RowBlock> blocks, ClassTotals totals, int[] sizes, ParallelOptions parallel)
    {
        var some = model.Some(classes);
        StratifiedRows[] stratified = [.. sizes.Select(size => new StratifiedRows(totals, size))];
        ScoreRowsBuilder[] builders = [.. sizes.Select(_ => new ScoreRowsBuilder(classes.Length))];
        foreach (var several in RowBlock.Several(blocks))
        {
            for (var s = 0; s < sizes.Length; s++)
            {
                RowBlock[] kept = [.. several.Select(stratified[s].Take).Where(block => block.RowCount > 0)];
                var scores = Scores(some, kept, parallel);
                for (var b = 0; b < kept.Length; b++)
                    builders[s].Add(scores[b], kept[b].Weights, Places(kept[b].Labels));
            }
        }

        return [.. builders.Select((builder, s) => builder.Build([.. classes.Select(k => stratified[s].Factors[k])]))];

        float[] Places(ReadOnlySpan<float> labels)
        {
            var places = new float[labels.Length];
            for (var i = 0; i < places.Length; i++)
                places[i] = Array.BinarySearch(classes, (int)labels[i]);
            return places;
        }
    }
}
