using FocalMlNet.Matrix;
using FocalMlNet.Optimization;

namespace FocalMlNet.Training;

/// <summary>
/// Chooses the weight λ of the penalty. The yardstick is T, the trace of the second derivative of the loss with respect to an output's
/// weights where training starts: with λ = T all features together have one degree of freedom at most, and multiplying all features by a
/// constant changes neither λ / T nor any prediction.
/// </summary>
internal sealed class PenaltyChoice
{
    private const int Folds = 5;

    /// <summary>
    /// Up to so many rows all are looked at. Of more, so many, or as many as keep the multiplications of a Newton step about there, but not
    /// fewer than the last two say: with 1,000 log-loss was as good as with 2,000 (ten tasks on Shuttle of 150 and 300 kernel features).
    /// </summary>
    private const int MostWholeRows = 50_000;
    private const int MostRows = 8192;
    private const double Operations = 1e7;
    private const int FewestRows = 1000;
    private const int FewestRowsPerCoordinate = 4;

    /// <summary>
    /// Multiplications for the second derivatives and the gradients of a path: with so many all folds are looked at. Where they are dearer,
    /// one for each of these shares of overfitting is, up to the most that are affordable.
    /// </summary>
    private const double CheapOperations = 2e8;
    private const double OverfitPerFold = .02;
    private const double MostOperations = 2e10;

    /// <summary>
    /// With so many rows are left out one by one, without a fit for each: that is as good where rows are many, and where they are few one
    /// of them may be too far from what a step tells.
    /// </summary>
    private const double DearOperations = 5e8;

    /// <summary>So many folds do not take longer.</summary>
    private const int FewFolds = 2;

    /// <summary>Rows that are left out one by one at most.</summary>
    private const int MostRowsAlone = 2048;

    /// <summary>
    /// Unless their weights in the loss are so uneven that so many of them count like one: where a heavy one leaves, what the others are
    /// worth changes too, which the step does not know. (Shuttle, 200 kernel features, classes balanced: 10 times the penalty of five
    /// folds.) The mean square of the weights by the square of their mean, after Kish (1965).
    /// </summary>
    private const double MostUneven = 1.5;

    /// <summary>Newton steps of a path.</summary>
    private const int StepsOfPath = 50;

    /// <summary>
    /// With less overfitting than this, as a share of the entropy of the classes, the penalty decides nothing: d parameters of n rows cost
    /// about d / (2 n) nats a row.
    /// </summary>
    private const double NegligibleOverfit = 5e-3;

    /// <summary>The penalty, as a share of T, that is taken then.</summary>
    private const double NegligiblePenalty = 1e-6;

    /// <summary>
    /// Of many rows with less than this a fit at the centre of the prior comes before any search, which takes as long as a fit.
    /// </summary>
    private const double SlightOverfit = .02;

    /// <summary>
    /// And none comes after if overfitting is less than this share of the log-loss that is left. Not of the entropy: where the features
    /// tell nearly all, the centre may be ten times as much as is good (Shuttle, 52,000 rows of 300 kernel features). Where they do not,
    /// the best penalty gained less than .2 % of the loss over it (60,000 to 100,000 rows of 60 to 200 features).
    /// </summary>
    private const double SlightOverfitOfLoss = .03;

    private readonly FocalProblem _problem;

    /// <summary>What is minimised, of the outputs that have a minimum.</summary>
    private readonly IObjective _objective;
    private readonly TrainingData _data;
    private readonly SolverSettings _settings;
    private readonly double _curvature;

    /// <summary>All rows or, of many, some that stand for all, and how many each one of a class stands for.</summary>
    private readonly Lazy<(IReadOnlyList<RowBlock> Blocks, double[] Factors)> _rows;

    private PenaltyChoice(FocalProblem problem, TrainingData data, SolverSettings settings)
    {
        (_problem, _data, _settings) = (problem, data, settings);
        _objective = problem.Objective.BoundedOutputs(data.Totals.Weights) is { } outputs
            ? problem.Objective.OfOutputs(outputs)! : problem.Objective;
        _curvature = CurvatureAtStart(problem, data);
        _rows = new(Rows);
    }

    /// <summary>T, divided by the sum of the features' squared units.</summary>
    public static double CurvatureAtStart(FocalProblem problem, TrainingData data)
    {
        var curvatures = problem.Objective.Of(data.Totals.Counts, data.Totals.Weights)
            .MeanCurvatures(problem.Constant(data.Totals, 0).Offsets);
        return problem.Objective.BoundedOutputs(data.Totals.Weights)?.Average(k => curvatures[k]) ?? curvatures.Average();
    }

    /// <summary>Chooses.</summary>
    /// <param name="problem">What is trained.</param>
    /// <param name="data">The training rows.</param>
    /// <param name="settings">Settings of the training, without a penalty.</param>
    /// <returns>
    /// The settings with a penalty; and, unless null, what has to be asked about the minimum that they lead to: it returns the settings to
    /// go on with, or null if that was it.
    /// </returns>
    public static (SolverSettings Settings, Func<LinearModel, SolverSettings?>? Again) Choose(
        FocalProblem problem, TrainingData data, SolverSettings settings)
    {
        var choice = new PenaltyChoice(problem, data, settings);
        var objective = choice._objective;
        double n = data.UnitCount;
        var entropy = -data.Totals.Weights.Select(weight => weight / data.Totals.Weight).Where(share => share > 0)
            .Sum(share => share * Math.Log(share));
        var overfit = (data.ColumnCount + 1.0) * Math.Max(1, objective.OutputCount - 1) / (2 * n);
        if (overfit < NegligibleOverfit * entropy)
            return (choice.With(NegligiblePenalty, null), null);
        var centre = choice.With(PenaltyPath.PriorCentre / n, null);
        // Where left-out rows cannot tell, the centre of the prior is the best guess.
        if (!CurvatureCost.AllowsNewtonSteps(data.ColumnCount, objective))
            return (centre, null);
        if (data.RowCount <= MostWholeRows || overfit >= SlightOverfit * entropy)
            return (choice.Search(overfit / entropy) ?? centre, null);
        return (centre, model => choice.LossOf(model) * SlightOverfitOfLoss > overfit ? null : choice.Search(overfit / entropy, model));
    }

    /// <summary>The settings with a penalty, and a model near the minimum.</summary>
    private SolverSettings With(double share, LinearModel? near)
        => _settings with { L2Regularization = share * _curvature, IsPenaltyPerSpread = true, Near = near };

    /// <summary>The log-loss of the calibrated model, by some rows that stand for all.</summary>
    private double LossOf(LinearModel model)
    {
        var (rows, factors) = _rows.Value;
        var all = Weighed(rows, factors);
        var fold = new PenaltyFold(all, all, factors);
        var sums = fold.Judge(fold.Scores(model, minima: null, _problem, _settings.Parallel), _problem, isWeighted: false);
        return sums.Loss / sums.Weight;
    }

    /// <summary>Searches the penalty; null where the rows cannot tell.</summary>
    /// <param name="overfit">What is to be expected, as a share of the entropy.</param>
    /// <param name="near">A model for the last fit to begin with; null for the one that was found on the way, if any.</param>
    private SolverSettings? Search(double overfit, LinearModel? near = null)
    {
        var (rows, factors) = _rows.Value;
        var count = rows.Sum(block => (double)block.RowCount);
        var dealt = new RowFolds(rows, _data.Totals.ClassCount, _settings.Parallel);
        var folds = Math.Min(Folds, dealt.DistinctRows.OrderDescending().ElementAt(1));
        if (folds < 2)
            return null;
        var most = FoldsToLookAt(count, overfit);
        var isSample = _data.RowCount > MostWholeRows;
        var alone = isSample || (most > FewFolds && PathOperations(count) >= DearOperations) ? OneByOne(rows, factors, dealt) : null;
        PenaltyFold[] looked = alone is not null ? [alone] : Deal(rows, factors, dealt.Deal(folds), folds);
        if (looked.Length == 0)
            return null;
        var path = new PenaltyPath(_problem, looked[..Math.Min(looked.Length, most)], _curvature, _settings);
        var (share, information, model) = path.Choose(count, isSample ? _data.UnitCount : count);
        // What penalises a sample with less information than all rows have is too much for these.
        return With(share * information, near ?? (alone is not null ? model : null));
    }

    /// <summary>
    /// One fold, of all rows to train on and some that are left out one by one; null where a step does not tell what that changes, or what
    /// belongs together.
    /// </summary>
    private PenaltyFold? OneByOne(IReadOnlyList<RowBlock> rows, double[] factors, RowFolds dealt)
    {
        if (_objective.IsCoupled || rows.Any(block => block.Groups.Length > 0))
            return null;
        var (places, weights, perJudged) = dealt.Different(MostRowsAlone);
        int[] classes = [.. places.Select(place => (int)rows[place.Block].Labels[place.Row])];
        double Mean(Func<double, double> of)
            => weights.Zip(classes, (weight, k) => perJudged[k] * of(weight * _problem.Objective.ClassWeight(k))).Sum()
                / classes.Sum(k => perJudged[k]);
        if (Mean(weight => weight * weight) > MostUneven * Math.Pow(Mean(weight => weight), 2))
            return null;
        var alone = Gathered(rows, places, [.. weights.Zip(classes, (weight, k) => (float)(weight * factors[k]))]);
        return new(Weighed(rows, factors), alone, factors, perJudged);
    }

    /// <summary>Rows whose weights are multiplied with the factor of their class.</summary>
    private static RowBlock[] Weighed(IReadOnlyList<RowBlock> rows, double[] factors)
        => Array.TrueForAll(factors, factor => factor == 1) ? [.. rows] : [.. rows.Select(block => block.Select(
            [.. Enumerable.Range(0, block.RowCount)],
            [.. block.Weights.ToArray().Zip(block.Labels.ToArray(), (weight, label) => (float)(weight * factors[(int)label]))]))];

    private (IReadOnlyList<RowBlock> Blocks, double[] Factors) Rows()
    {
        // Whether they are in memory or not: the model does not depend on it.
        if (_data.RowCount <= MostWholeRows)
            return (_data.Loaded, [.. _data.Totals.Weights.Select(_ => 1.0)]);
        var fewest = Math.Max(FewestRows, FewestRowsPerCoordinate * (_data.ColumnCount + 1));
        var thin = new StratifiedRows(_data.Totals, (int)Math.Clamp(Operations / PerRow(), fewest, MostRows));
        RowBlock[] sample = [.. _data.Blocks.Select(thin.Take).Where(block => block.RowCount > 0)];
        return (sample, thin.Factors);
    }

    private double PerRow()
        => SampledCurvature.Operations(_data.ColumnCount + 1, _objective.OutputCount, _objective.IsCoupled);

    private double PathOperations(double rows)
    {
        var drawn = Math.Min(rows, CurvatureCost.RowsOfPath(_data.ColumnCount + 1, _objective.OutputCount, _objective.IsCoupled));
        return StepsOfPath * (drawn * PerRow() + 2 * rows * _data.ColumnCount * _objective.OutputCount);
    }

    private int FoldsToLookAt(double rows, double overfit)
    {
        var operations = PathOperations(rows);
        return (int)Math.Clamp(
            Math.Max(CheapOperations / operations, Math.Min(Math.Ceiling(overfit / OverfitPerFold), MostOperations / operations)), 1,
            Folds);
    }

    /// <summary>The folds of some rows, each with rows of two classes to train on; none if one has not.</summary>
    private PenaltyFold[] Deal(IReadOnlyList<RowBlock> rows, double[] factors, int[][] foldOf, int count)
    {
        var parts = Parts(rows, factors, foldOf, count);
        var folds = new PenaltyFold?[count];
        ParallelLoop.For(count, _settings.Parallel, fold =>
        {
            RowBlock[] train = [.. parts.Where((_, part) => part != fold).SelectMany(part => part)];
            // Groups may have several classes, which cannot all be dealt evenly.
            if (train.SelectMany(block => block.Labels.ToArray()).Distinct().Count() > 1)
                folds[fold] = new(train, parts[fold], factors);
        });
        return Array.TrueForAll(folds, fold => fold is not null) ? [.. folds.OfType<PenaltyFold>()] : [];
    }

    /// <summary>
    /// The rows of each fold in blocks of their own: what the other folds are trained on is in memory once, and not four times.
    /// </summary>
    private RowBlock[][] Parts(IReadOnlyList<RowBlock> rows, double[] factors, int[][] foldOf, int count)
    {
        List<(int Block, int Row)>[] places = [.. Enumerable.Range(0, count).Select(_ => new List<(int, int)>())];
        for (var b = 0; b < foldOf.Length; b++)
        {
            for (var i = 0; i < foldOf[b].Length; i++)
                places[foldOf[b][i]].Add((b, i));
        }

        return [.. places.Select(own => Gathered(rows, [.. own], [.. own.Select(place =>
            (float)(rows[place.Block].Weights[place.Row] * factors[(int)rows[place.Block].Labels[place.Row]]))]))];
    }

    /// <summary>Some of the rows, with other weights.</summary>
    private RowBlock[] Gathered(IReadOnlyList<RowBlock> rows, (int Block, int Row)[] places, float[] weights)
    {
        var size = RowBlock.RowCountFor(_data.ColumnCount, _problem.Objective.OutputCount);
        var blocks = new RowBlock[(places.Length + size - 1) / size];
        ParallelLoop.For(blocks.Length, _settings.Parallel, b =>
        {
            var own = new Range(b * size, Math.Min(places.Length, (b + 1) * size));
            blocks[b] = RowBlock.Gather(rows, places.AsSpan(own), weights[own]);
        });
        return blocks;
    }
}
