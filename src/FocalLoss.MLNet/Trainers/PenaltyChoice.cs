using FocalMlNet.Data;
using FocalMlNet.Optimization;

namespace FocalMlNet.Trainers;

/// <summary>What distinguishes two classes, softmax and one-versus-all where a penalty is chosen for them.</summary>
/// <param name="Objective">What is minimised in the end.</param>
/// <param name="ConstantScores">The scores that are best when features are not looked at.</param>
/// <param name="Calibrate">Makes the scores of a model log-odds, by the rows it was trained on.</param>
/// <param name="Judge">What scores are worth.</param>
internal sealed record PenaltyProblem(
    IObjective Objective,
    Func<ClassTotals, double[]> ConstantScores,
    Func<LinearModel, TrainingData, ParallelOptions, LinearModel> Calibrate,
    HeldOutJudge Judge);

/// <summary>
/// Chooses the weight λ of the penalty. The yardstick is T, the trace of the second derivative of the loss with respect to an output's weights where training starts: with λ = T all
/// features together have one degree of freedom at most, and multiplying all features by a constant changes neither λ / T nor any prediction.
/// </summary>
internal sealed class PenaltyChoice
{
    private const int Folds = 5;

    /// <summary>Penalties from 10 T down, by factors of √10.</summary>
    private const double Largest = 10;
    private const double Factor = .31622776601683794;
    private const int MostSteps = 40;

    /// <summary>The last penalty is this share of T, for the feature with the smallest unit.</summary>
    private const double Least = 3e-8;

    /// <summary>With so much more loss than the least (and what the prior can give back) no smaller penalty is better.</summary>
    private const double MostRise = 11;

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

    /// <summary>
    /// The prior on log10 λ is a Cauchy distribution of this scale around 2 T / n. Left-out rows of a few hundred tell little, and what they tell has the wrong sign: an outlier that is
    /// left out leaves rows that ask for less penalty. The sum of losses grows with the rows, and the prior does not.
    /// </summary>
    private const double PriorScale = .25;
    private const double PriorCentre = 2;

    private const int MostPassesEach = 30;

    private readonly PenaltyProblem _problem;
    private readonly TrainingData _data;
    private readonly SolverSettings _settings;
    private readonly double[] _constant;
    private readonly double _curvature;

    private PenaltyChoice(PenaltyProblem problem, TrainingData data, SolverSettings settings)
    {
        (_problem, _data, _settings) = (problem, data, settings);
        _constant = problem.ConstantScores(data.Totals);
        _curvature = Solver.MeanCurvatures(data.Totals, problem.Objective, Floats(_constant)).Average();
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
        var untold = PriorCentre / n * _curvature;
        if (!Solver.HasPath(_data.ColumnCount, objective))
            return untold;
        var (sample, information) = Sample(shares);
        var dealt = new RowFolds(sample, _data.Totals.ClassCount);
        // As many folds as leave rows of two classes in any of them.
        var folds = Math.Min(Folds, dealt.DistinctRows.OrderDescending().ElementAt(1));
        if (folds < 2)
            return untold;
        var chosen = ByFolds(sample, dealt.Deal(folds), folds, n * information);
        // What penalises a sample with less information than all rows have is too much for these.
        return chosen * information * _curvature;
    }

    /// <summary>Some rows that stand for all, and the share of the information of all that is in them.</summary>
    private (RowBlock[] Rows, double Information) Sample(double[] shares)
    {
        var perRow = SampledCurvature.Operations(new Scaling(new double[_data.ColumnCount], [], 0, _problem.Objective.OutputCount), _problem.Objective.IsCoupled);
        var most = (int)Math.Clamp(Math.Max(Operations / perRow, Math.Min(UsualRows, MostOperations / perRow)), FewestRows, MostRows);
        var thin = new StratifiedRows(_data.Totals, most);
        RowBlock[] rows = [.. _data.Blocks.Select(thin.Take).Where(block => block.RowCount > 0)];
        var factors = thin.Factors;
        // The variance of the gradient comes from the rows' squared slopes; a row that stands for several has several times its share of it.
        double all = 0, own = 0;
        for (var k = 0; k < shares.Length; k++)
        {
            var square = (1 - shares[k]) * (1 - shares[k]) + shares.Where((_, j) => j != k).Sum(share => share * share);
            all += shares[k] * square;
            own += shares[k] * square * factors[k];
        }

        return ([.. rows.Select(block => Weighed(block, factors))], all / own);
    }

    private static RowBlock Weighed(RowBlock block, double[] factors)
    {
        var (all, weights) = (new int[block.RowCount], new float[block.RowCount]);
        for (var i = 0; i < all.Length; i++)
            (all[i], weights[i]) = (i, (float)(block.Weights[i] * factors[(int)block.Labels[i]]));
        return block.Select(all, weights);
    }

    /// <summary>The share of T with the least loss of left-out rows, calibrated, in nats over <paramref name="n"/> rows, and least surprise.</summary>
    private double ByFolds(RowBlock[] rows, int[][] foldOf, int folds, double n)
    {
        var single = new ParallelOptions { MaxDegreeOfParallelism = 1, CancellationToken = _settings.Parallel.CancellationToken };
        Fold[] all = [.. Enumerable.Range(0, folds).Select(fold => new Fold(Select(fold, isLeftOut: false), Select(fold, isLeftOut: true), _data.Totals.ClassCount))];
        IEnumerator<LinearModel>[] paths = [.. all.Select(fold => Solver.Path(
            fold.Train, _problem.Objective, LinearModel.Constant(_data.ColumnCount, Floats(_problem.ConstantScores(fold.Train.Totals))),
            Shares().Select(share => share * _curvature), _settings with { NumberOfIterations = MostPassesEach, Parallel = single }).GetEnumerator())];
        var weight = all.Sum(fold => fold.Weight);
        var (least, chosen) = (double.PositiveInfinity, Largest);
        foreach (var share in Shares())
        {
            var losses = new double[folds];
            Parallel.For(0, folds, _settings.Parallel, fold =>
            {
                paths[fold].MoveNext();
                losses[fold] = all[fold].Loss(_problem.Calibrate(paths[fold].Current, all[fold].Train, single), _problem.Judge);
            });
            var decades = Math.Log10(share * n / PriorCentre) / PriorScale;
            var sum = losses.Sum() / weight * n + Math.Log(1 + decades * decades);
            Console.WriteLine($"   share {share:e2} loss {losses.Sum() / weight:f6} n {n:f0} sum {sum:f2} T/spread {_curvature:g3} weight {weight}");
            if (sum < least)
                (least, chosen) = (sum, share);
            else if (sum > least + MostRise)
                break;
        }

        return chosen;

        RowBlock[] Select(int fold, bool isLeftOut)
            => [.. rows.Select((block, b) => Part(block, i => foldOf[b][i] == fold == isLeftOut)).Where(block => block.RowCount > 0)];
    }

    /// <summary>The penalties of the path, as shares of T.</summary>
    private static IEnumerable<double> Shares()
    {
        var share = Largest;
        for (var step = 0; step < MostSteps && share > Least; step++, share *= Factor)
            yield return share;
    }

    private static RowBlock Part(RowBlock block, Func<int, bool> isIn)
    {
        int[] rows = [.. Enumerable.Range(0, block.RowCount).Where(isIn)];
        return block.Select(rows, [.. rows.Select(i => block.Weights[i])]);
    }

    private static float[] Floats(double[] values) => [.. values.Select(value => (float)value)];

    /// <summary>Rows to train on, and rows that are left out.</summary>
    private sealed class Fold
    {
        private readonly RowBlock[] _leftOut;
        private readonly float[] _labels;
        private readonly float[] _weights;

        public Fold(RowBlock[] train, RowBlock[] leftOut, int classCount)
        {
            _leftOut = leftOut;
            Train = TrainingData.Of(train, classCount);
            _labels = [.. leftOut.SelectMany(block => block.Labels.ToArray())];
            // A class that training did not see cannot be judged.
            _weights = [.. leftOut.SelectMany(block => block.Weights.ToArray().Select((w, i) => Train.Totals.Weights[(int)block.Labels[i]] > 0 ? w : 0))];
            Weight = _weights.Sum(w => (double)w);
        }

        public TrainingData Train { get; }

        /// <summary>Of the rows that are left out.</summary>
        public double Weight { get; }

        /// <summary>The log-loss of the rows that are left out, summed by weight.</summary>
        public double Loss(LinearModel model, HeldOutJudge judge)
        {
            var (n, first) = (_labels.Length, 0);
            var scores = new float[n * model.OutputCount];
            foreach (var block in _leftOut)
            {
                var part = new float[block.RowCount * model.OutputCount];
                model.Score(block, part);
                for (var k = 0; k < model.OutputCount; k++)
                    part.AsSpan(k * block.RowCount, block.RowCount).CopyTo(scores.AsSpan(k * n + first));
                first += block.RowCount;
            }

            return Weight > 0 ? -judge(EarlyStoppingMetric.LogLoss, scores, _labels, _weights) * Weight : 0;
        }
    }
}
