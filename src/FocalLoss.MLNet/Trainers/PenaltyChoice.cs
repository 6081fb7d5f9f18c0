using FocalMlNet.Data;
using FocalMlNet.Optimization;

namespace FocalMlNet.Trainers;

/// <summary>
/// Chooses the weight λ of the penalty. The yardstick is T, the trace of the second derivative of the loss with respect to an output's weights where training starts: with λ = T all
/// features together have one degree of freedom at most, and multiplying all features by a constant changes neither λ / T nor any prediction.
/// </summary>
internal sealed class PenaltyChoice
{
    private const int Folds = 5;

    /// <summary>Rows that are looked at: so many, or as many as keep the multiplications of a Newton step about there, but not fewer than the last.</summary>
    private const int MostRows = 8192;
    private const double Operations = 1.5e6;
    private const double MostOperations = 4e7;
    private const int UsualRows = 2000;
    private const int FewestRows = 500;

    /// <summary>
    /// With less overfitting than this, as a share of the entropy of the classes, the penalty decides nothing: d parameters of n rows cost about d / (2 n) nats a row.
    /// </summary>
    private const double NegligibleOverfit = 5e-3;

    /// <summary>The penalty, as a share of T, that is taken then.</summary>
    private const double NegligiblePenalty = 1e-6;

    /// <summary>The penalty, as a share of T / n, where left-out rows cannot tell.</summary>
    private const double Untold = PenaltyPath.PriorCentre;

    /// <summary>A sample with this share of the information of all rows is enough. Up to so many rows all are looked at if it has less.</summary>
    private const double SufficientInformation = .3;
    private const int MostWholeRows = 50_000;

    private readonly PenaltyProblem _problem;
    private readonly TrainingData _data;
    private readonly SolverSettings _settings;
    private readonly double _curvature;

    private PenaltyChoice(PenaltyProblem problem, TrainingData data, SolverSettings settings)
    {
        (_problem, _data, _settings) = (problem, data, settings);
        _curvature = Solver.MeanCurvatures(data.Totals, problem.Objective, problem.Constant(data.Totals, 0).Offsets).Average();
    }

    /// <summary>Chooses.</summary>
    /// <param name="problem">What is trained.</param>
    /// <param name="data">The training rows.</param>
    /// <param name="settings">Settings of the training, without a penalty.</param>
    /// <returns>The settings with a penalty.</returns>
    public static SolverSettings Choose(PenaltyProblem problem, TrainingData data, SolverSettings settings)
    {
        var choice = new PenaltyChoice(problem, data, settings);
        return settings with { L2Regularization = choice.PerSpread(), IsPenaltyPerSpread = true };
    }

    private double PerSpread()
    {
        var objective = _problem.Objective;
        double n = _data.RowCount;
        double[] shares = [.. _data.Totals.Weights.Select(weight => weight / _data.Totals.Weight)];
        var entropy = -shares.Where(share => share > 0).Sum(share => share * Math.Log(share));
        var parameters = (_data.ColumnCount + 1.0) * Math.Max(1, objective.OutputCount - 1);
        if (parameters / (2 * n * entropy) < NegligibleOverfit)
            return NegligiblePenalty * _curvature;
        var untold = Untold / n * _curvature;
        if (!Solver.HasPath(_data.ColumnCount, objective))
            return untold;
        var thin = new StratifiedRows(_data.Totals, SampleRows());
        List<RowBlock> sample = [], others = [];
        foreach (var block in _data.Blocks)
        {
            var (taken, rest) = thin.Split(block);
            sample.Add(taken);
            // They judge too, or one of the sample that lies far out would have the say of all that it stands for.
            if (n <= MostWholeRows)
                others.Add(rest);
        }

        var folds = Dealt(sample, others, thin.Factors);
        if (folds.Length < 2)
            return untold;
        var (chosen, information) = new PenaltyPath(_problem, folds, _curvature, _settings).Choose(PenaltyPath.Largest, folds.Length);
        if (information >= SufficientInformation || n > MostWholeRows || _data.InMemory is null)
            return chosen * information * _curvature;
        // Where few rows decide, those of a sample are too few: one fold of all rows says more than all folds of some.
        var whole = Dealt(_data.InMemory, [], [.. shares.Select(_ => 1.0)]);
        return new PenaltyPath(_problem, whole[..1], _curvature, _settings).Choose(chosen, whole.Length).Share * _curvature;
    }

    private int SampleRows()
    {
        var perRow = SampledCurvature.Operations(new Scaling(new double[_data.ColumnCount], [], 0, _problem.Objective.OutputCount), _problem.Objective.IsCoupled);
        return (int)Math.Clamp(Math.Max(Operations / perRow, Math.Min(UsualRows, MostOperations / perRow)), FewestRows, MostRows);
    }

    /// <summary>The folds of some rows, as many as leave rows of two classes in any of them; fewer than two if there are none.</summary>
    private PenaltyFold[] Dealt(IReadOnlyList<RowBlock> rows, IReadOnlyList<RowBlock> others, double[] factors)
    {
        var dealt = new RowFolds(rows, _data.Totals.ClassCount);
        var count = Math.Min(Folds, dealt.DistinctRows.OrderDescending().ElementAt(1));
        if (count < 2)
            return [];
        var foldOf = dealt.Deal(count);
        return [.. Enumerable.Range(0, count).Select(fold => new PenaltyFold(
            Part(i => i != fold, factors), [.. Part(i => i == fold, [.. factors.Select(_ => 1.0)]), .. others.Where(block => block.RowCount > 0)],
            _data.Totals, factors))];

        RowBlock[] Part(Func<int, bool> isIn, double[] scales) => [.. rows.Select((block, b) =>
        {
            int[] own = [.. Enumerable.Range(0, block.RowCount).Where(i => isIn(foldOf[b][i]))];
            return block.Select(own, [.. own.Select(i => (float)(block.Weights[i] * scales[(int)block.Labels[i]]))]);
        }).Where(block => block.RowCount > 0)];
    }
}
