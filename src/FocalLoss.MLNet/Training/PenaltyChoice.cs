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
    /// fewer than the last.
    /// </summary>
    private const int MostWholeRows = 50_000;
    private const int MostRows = 8192;
    private const double Operations = 1e7;
    private const int FewestRows = 2000;

    /// <summary>
    /// Multiplications for the second derivatives and the gradients of a path: with so many all folds are looked at. Where they are dearer,
    /// one for each of these shares of overfitting is, up to the most that are affordable.
    /// </summary>
    private const double CheapOperations = 2e8;
    private const double OverfitPerFold = .02;
    private const double MostOperations = 2e10;

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
    /// With less than this the best penalty gains less than .2 % of the loss over the centre of the prior (measured at 60,000 to 100,000
    /// rows of 60 to 200 features; with .03 to .04 it gains 1 to 2 %). Of many rows, to find it takes as long as the fit.
    /// </summary>
    private const double SlightOverfit = .02;

    private readonly FocalProblem _problem;
    private readonly TrainingData _data;
    private readonly SolverSettings _settings;
    private readonly double _curvature;

    private PenaltyChoice(FocalProblem problem, TrainingData data, SolverSettings settings)
    {
        (_problem, _data, _settings) = (problem, data, settings);
        _curvature = CurvatureAtStart(problem, data);
    }

    /// <summary>T, divided by the sum of the features' squared units.</summary>
    public static double CurvatureAtStart(FocalProblem problem, TrainingData data)
        => problem.Objective.Of(data.Totals.Counts, data.Totals.Weights).MeanCurvatures(problem.Constant(data.Totals, 0).Offsets).Average();

    /// <summary>Chooses.</summary>
    /// <param name="problem">What is trained.</param>
    /// <param name="data">The training rows.</param>
    /// <param name="settings">Settings of the training, without a penalty.</param>
    /// <returns>The settings with a penalty.</returns>
    public static SolverSettings Choose(FocalProblem problem, TrainingData data, SolverSettings settings)
    {
        var choice = new PenaltyChoice(problem, data, settings);
        return settings with { L2Regularization = choice.Share() * choice._curvature, IsPenaltyPerSpread = true };
    }

    /// <summary>λ / T.</summary>
    private double Share()
    {
        var objective = _problem.Objective;
        double n = _data.UnitCount;
        var entropy = -_data.Totals.Weights.Select(weight => weight / _data.Totals.Weight).Where(share => share > 0)
            .Sum(share => share * Math.Log(share));
        var overfit = (_data.ColumnCount + 1.0) * Math.Max(1, objective.OutputCount - 1) / (2 * n * entropy);
        if (overfit < NegligibleOverfit)
            return NegligiblePenalty;
        if (overfit < SlightOverfit && n > MostWholeRows)
            return PenaltyPath.PriorCentre / n;
        // Where left-out rows cannot tell, the centre of the prior is the best guess.
        if (!CurvatureCost.AllowsNewtonSteps(_data.ColumnCount, objective))
            return PenaltyPath.PriorCentre / n;
        var (rows, factors) = Rows();
        if (Deal(rows, factors) is not { Length: > 1 } folds)
            return PenaltyPath.PriorCentre / n;
        var count = rows.Sum(block => (double)block.RowCount);
        var path = new PenaltyPath(_problem, folds[..Math.Min(folds.Length, FoldsToLookAt(count, overfit))], _curvature, _settings);
        var (share, information) = path.Choose(count);
        // What penalises a sample with less information than all rows have is too much for these.
        return share * information;
    }

    /// <summary>All rows or, of many, some that stand for all, and how many each one of a class stands for.</summary>
    private (IReadOnlyList<RowBlock> Rows, double[] Factors) Rows()
    {
        // Whether they are in memory or not: the model does not depend on it.
        if (_data.RowCount <= MostWholeRows)
            return (_data.Loaded, [.. _data.Totals.Weights.Select(_ => 1.0)]);
        var thin = new StratifiedRows(_data.Totals, (int)Math.Clamp(Operations / PerRow(), FewestRows, MostRows));
        RowBlock[] sample = [.. _data.Blocks.Select(thin.Take).Where(block => block.RowCount > 0)];
        return (sample, thin.Factors);
    }

    private double PerRow()
        => SampledCurvature.Operations(_data.ColumnCount + 1, _problem.Objective.OutputCount, _problem.Objective.IsCoupled);

    private int FoldsToLookAt(double rows, double overfit)
    {
        var objective = _problem.Objective;
        var drawn = Math.Min(rows, CurvatureCost.RowsOfPath(_data.ColumnCount + 1, objective.OutputCount, objective.IsCoupled));
        var perStep = drawn * PerRow() + 2 * rows * _data.ColumnCount * objective.OutputCount;
        var operations = StepsOfPath * perStep;
        return (int)Math.Clamp(
            Math.Max(CheapOperations / operations, Math.Min(Math.Ceiling(overfit / OverfitPerFold), MostOperations / operations)), 1,
            Folds);
    }

    /// <summary>The folds of some rows, each with rows of two classes to train on; fewer than two if there are none.</summary>
    private PenaltyFold[] Deal(IReadOnlyList<RowBlock> rows, double[] factors)
    {
        var dealt = new RowFolds(rows, _data.Totals.ClassCount, _settings.Parallel);
        var count = Math.Min(Folds, dealt.DistinctRows.OrderDescending().ElementAt(1));
        if (count < 2)
            return [];
        var foldOf = dealt.Deal(count);
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

        var size = RowBlock.RowCountFor(_data.ColumnCount, _problem.Objective.OutputCount);
        var chunks = places.SelectMany((own, part) => own.Chunk(size).Select(some => (Part: part, Places: some))).ToArray();
        var blocks = new RowBlock[chunks.Length];
        ParallelLoop.For(chunks.Length, _settings.Parallel, c => blocks[c] = RowBlock.Gather(rows, chunks[c].Places, factors));
        return [.. places.Select((_, part) => blocks.Where((_, c) => chunks[c].Part == part).ToArray())];
    }
}
