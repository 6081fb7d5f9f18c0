using FocalMlNet.Matrix;
using FocalMlNet.Optimization;

namespace FocalMlNet.Calibration;

/// <summary>
/// Makes the scores of a trained model log-odds, by a linear map of each output that is folded into its coefficients and offset.
/// </summary>
internal static class ScoreCalibration
{
    /// <summary>The share of each class that is held out for Platt scaling, unless early stopping holds out another.</summary>
    public const double HoldOutShare = .1;

    /// <summary>Histograms that share the scores of an output.</summary>
    private const int Parts = 4;

    /// <summary>Outputs whose histograms are in memory at the same time.</summary>
    private const int OutputsAtOnce = 8;

    /// <summary>
    /// By the exact curves, over the training rows. Output k is calibrated to the class k of one-versus-all, or a single output to class 1
    /// of two.
    /// </summary>
    /// <param name="model">The trained model.</param>
    /// <param name="curves">The curve of each output.</param>
    /// <param name="data">The training rows.</param>
    /// <param name="parallel">Threads and cancellation.</param>
    public static LinearModel Focal(LinearModel model, IReadOnlyList<FocalPosterior> curves, TrainingData data, ParallelOptions parallel)
    {
        var (weights, total) = (data.Totals.Weights, data.Totals.Weight);
        double Prevalence(int output) => weights[curves.Count == 1 ? 1 : output] / total;
        return curves.All(curve => curve.IsIdentity)
            ? model
            : Fold(model, PerOutput(model, data.Blocks, parallel, (k, points) => Prevalence(k) is > 0 and < 1 and var share
                ? LinearMap.ForFocal(curves[k], points, share)
                : curves[k].Tangent)); // a class without rows: its scores are as low as they can be
    }

    /// <summary>
    /// The curves of one-versus-all. The weight of a row is that of its own class in all problems, so the rest of a class weighs what its
    /// rows do on average; where the mixture of the rest is another, that is an approximation.
    /// </summary>
    /// <param name="gammas">γ of each class's problem.</param>
    /// <param name="classWeights">The weight of each class's rows.</param>
    /// <param name="totals">Of the training rows.</param>
    public static FocalPosterior[] OneVersusAllCurves(double[] gammas, double[] classWeights, ClassTotals totals)
    {
        var weighted = totals.Weighted(classWeights);
        return [.. gammas.Select((gamma, k) =>
        {
            var rest = ClassTotals.OfOthers(weighted, k) / ClassTotals.OfOthers(totals.Weights, k);
            return FocalPosterior.WithClassWeights(gamma, classWeights[k] > 0 ? classWeights[k] : 1, rest > 0 ? rest : 1);
        })];
    }

    /// <summary>
    /// By Platt scaling of each output: output k against class k of one-versus-all, or a single output against class 1 of two.
    /// </summary>
    /// <param name="model">The trained model.</param>
    /// <param name="heldOut">Rows that the model was not trained on.</param>
    /// <param name="trained">Of the rows it was trained on.</param>
    /// <param name="parallel">Cancellation, which is seen at each block of rows and at each pass over their scores.</param>
    /// <exception cref="InvalidOperationException">
    /// The held-out rows are not of both kinds, and not because there are none of a class at all; or a score is not finite.
    /// </exception>
    public static LinearModel Platt(LinearModel model, IReadOnlyList<RowBlock> heldOut, ClassTotals trained, ParallelOptions parallel)
    {
        var rows = new HeldOutRows(heldOut);
        return Fold(model, [.. Enumerable.Range(0, model.OutputCount)
            .Select(k => PlattMap(model, k, model.OutputCount == 1 ? 1 : k, rows, trained, parallel))]);
    }

    private static LinearMap PlattMap(
        LinearModel model, int output, int classNumber, HeldOutRows heldOut, ClassTotals trained, ParallelOptions parallel)
    {
        var scores = heldOut.Scores(new([model.Coefficients[output]], [model.Offsets[output]]), parallel.CancellationToken)[0];
        FiniteScores.Check(scores);
        var isPositive = Array.ConvertAll(heldOut.Labels, k => k == classNumber);
        var points = new ScorePoints(Array.ConvertAll(scores, z => (double)z), Array.ConvertAll(heldOut.Weights, w => (double)w));
        var weights = points.Weights;
        var positives = weights.Where((_, i) => isPositive[i]).Sum();
        var negatives = weights.Sum() - positives;
        // A class without rows: its scores are as low as they can be.
        if (positives == 0 && trained.Weights[classNumber] == 0)
            return LinearMap.Identity;
        if (!(positives > 0 && negatives > 0))
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"Calibration = Platt holds out {isPositive.Count(p => p)} rows of class ")
                + $"{(model.OutputCount == 1 ? "true" : classNumber + 1)} and {isPositive.Count(p => !p)} others, but it needs some of "
                + "both with a weight above 0.");
        }

        // Platt's targets, the posterior means after one example of each kind more, keep the map finite where the held-out rows are told
        // apart without error.
        var (high, low) = ((positives + 1) / (positives + 2), 1 / (negatives + 2));
        return LinearMap.Fit(points, [.. isPositive.Select(p => p ? high : low)], LinearMap.Identity, parallel);
    }

    /// <summary>The way back, roughly: a model whose scores are log-odds as one whose scores minimise the focal loss.</summary>
    /// <param name="model">The calibrated model.</param>
    /// <param name="curve">The curve.</param>
    /// <param name="data">The training rows.</param>
    /// <param name="parallel">Threads and cancellation.</param>
    public static LinearModel Undo(LinearModel model, FocalPosterior curve, TrainingData data, ParallelOptions parallel)
        => curve.IsIdentity
            ? model
            : Fold(model, PerOutput(
                model, data.Blocks, parallel, (_, points)
                => LinearMap.LeastSquares(points, [.. points.Scores.Select(curve.ScoreOfLogOdds)])));

    /// <summary>The model with a map after each output.</summary>
    public static LinearModel Fold(LinearModel model, IReadOnlyList<LinearMap> maps) => new(
        [.. model.Coefficients.Select((coefficients, k) => coefficients.Select(c => (float)(c * maps[k].Slope)).ToArray())],
        [.. model.Offsets.Select((offset, k) => (float)maps[k].Of(offset))]);

    /// <summary>
    /// A map for each output, from its scores. Memory is bounded whatever the number of rows; the result does not depend on the number of
    /// threads.
    /// </summary>
    private static LinearMap[] PerOutput(
        LinearModel model, IReadOnlyList<RowBlock> blocks, ParallelOptions parallel, Func<int, ScorePoints, LinearMap> map)
    {
        var maps = new LinearMap[model.Offsets.Length];
        for (var first = 0; first < maps.Length; first += OutputsAtOnce)
        {
            var end = Math.Min(first + OutputsAtOnce, maps.Length);
            ScorePoints[] points =
                [.. Histograms(new(model.Coefficients[first..end], model.Offsets[first..end]), blocks, parallel)
                .Select(histogram => histogram.ToPoints())];
            var from = first;
            ParallelLoop.For(points.Length, parallel, k => maps[from + k] = map(from + k, points[k]));
        }

        return maps;
    }

    private static ScoreHistogram[] Histograms(LinearModel model, IReadOnlyList<RowBlock> blocks, ParallelOptions parallel)
    {
        // Which histograms a block is counted in depends on its place alone, so the result is that of one thread.
        var parts = new ScoreHistogram[Parts][];
        ParallelLoop.For(Parts, parallel, part =>
        {
            var own = parts[part] = [.. model.Offsets.Select(_ => new ScoreHistogram())];
            for (var b = part; b < blocks.Count; b += Parts)
            {
                parallel.CancellationToken.ThrowIfCancellationRequested();
                var block = blocks[b];
                var n = block.RowCount;
                using var scratch = new Scratch<float>(n * own.Length);
                block.Scores(model.Coefficients, model.Offsets, scratch.Span);
                FiniteScores.Check(scratch.Span);
                for (var k = 0; k < own.Length; k++)
                    own[k].Add(scratch.Span.Slice(k * n, n), block.Weights);
            }
        });
        foreach (var other in parts[1..])
        {
            for (var k = 0; k < other.Length; k++)
                parts[0][k].Add(other[k]);
        }

        return parts[0];
    }
}
