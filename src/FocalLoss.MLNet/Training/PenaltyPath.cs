using System.Numerics.Tensors;
using FocalMlNet.Calibration;
using FocalMlNet.Matrix;
using FocalMlNet.Optimization;

namespace FocalMlNet.Training;

/// <summary>Some rows to train on, and some that are left out.</summary>
internal sealed class PenaltyFold
{
    private readonly HeldOutRows _leftOut;
    private readonly double[] _weights;
    private readonly double[] _factors;

    /// <param name="train">The rows to train on.</param>
    /// <param name="leftOut">The rows that are left out.</param>
    /// <param name="factors">What the weights of each class have been multiplied with, because its rows stand for several.</param>
    public PenaltyFold(RowBlock[] train, RowBlock[] leftOut, double[] factors)
    {
        (_leftOut, _factors) = (new(leftOut), factors);
        Train = TrainingData.Of(train, factors.Length);
        // A class that training did not see cannot be judged.
        _weights = [.. _leftOut.Weights.Select((w, i) => Train.Totals.Weights[(int)_leftOut.Labels[i]] > 0 ? (double)w : 0)];
    }

    public TrainingData Train { get; }

    /// <summary>Rows that are left out.</summary>
    public int LeftOutCount => _weights.Length;

    /// <summary>What the rows that are left out say of a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="problem">What is trained.</param>
    /// <param name="isWeighted">Whether with the class weights, which calibration has taken out of the scores.</param>
    public Judgement Judge(LinearModel model, FocalProblem problem, bool isWeighted)
    {
        var (n, labels, scores) = (_weights.Length, _leftOut.Labels, _leftOut.Scores(model, CancellationToken.None));
        for (var k = 0; k < model.OutputCount && isWeighted; k++)
        {
            var shift = (float)(model.OutputCount == 1 ? LnWeight(1) - LnWeight(0) : LnWeight(k));
            TensorPrimitives.Add<float>(scores[k], shift, scores[k]);
        }

        var probabilities = problem.Formulation.Judge.TrueProbabilities(scores, labels);
        var sums = default(Judgement);
        for (var i = 0; i < n; i++)
        {
            var w = _weights[i] * (isWeighted ? problem.Objective.ClassWeight(labels[i]) : 1);
            // A probability is a Single: one certain error must not decide alone. That of a row too far out for a score is NaN.
            var p = probabilities[i] >= float.Epsilon ? probabilities[i] : float.Epsilon;
            var slope = w * (1 - p) * (1 - p);
            sums += new Judgement(w, -w * Math.Log(p), slope, slope * _factors[(int)labels[i]]);
        }

        return sums;

        double LnWeight(int label) => problem.Objective.ClassWeight(label) is > 0 and var own ? Math.Log(own) : 0;
    }
}

/// <summary>Sums over rows that are left out.</summary>
/// <param name="Weight">Their weight.</param>
/// <param name="Loss">Their log-loss.</param>
/// <param name="Slopes">The squares of its slopes.</param>
/// <param name="SlopesTimesFactor">The same, times how many rows each one stands for.</param>
internal readonly record struct Judgement(double Weight, double Loss, double Slopes, double SlopesTimesFactor)
{
    public static Judgement operator +(Judgement a, Judgement b)
        => new(a.Weight + b.Weight, a.Loss + b.Loss, a.Slopes + b.Slopes, a.SlopesTimesFactor + b.SlopesTimesFactor);
}

/// <summary>Penalties from the largest down, each judged by the rows that are left out.</summary>
/// <param name="problem">What is trained.</param>
/// <param name="folds">The folds.</param>
/// <param name="curvature">T, divided by the sum of the features' squared units.</param>
/// <param name="settings">Settings of the training.</param>
internal sealed class PenaltyPath(FocalProblem problem, PenaltyFold[] folds, double curvature, SolverSettings settings)
{
    /// <summary>Penalties from 10 T down.</summary>
    private const double Largest = 10;

    private const double Factor = .31622776601683794;
    private const double Least = 1e-9;

    /// <summary>
    /// The prior on log10 λ is a Cauchy distribution of this scale around 2 T / n. Left-out rows of a few hundred tell little, and what
    /// they tell has the wrong sign: an outlier that is left out leaves rows that ask for less penalty. The sum of losses grows with the
    /// rows, and the prior does not.
    /// </summary>
    private const double PriorScale = .25;

    public const double PriorCentre = 2;

    /// <summary>
    /// With more loss than the least times this, and more nats than the prior can give back, no smaller penalty is expected to be better.
    /// </summary>
    private const double MostLoss = 1.5;
    private const double MostRise = 11;

    private const int MostCallsEach = 30;

    /// <summary>What a model may be above its minimum, summed over its rows: those that are left out could not tell.</summary>
    private const double UnseenNats = .2;

    /// <summary>
    /// The share of T with the least sum of log-loss, calibrated, over the left-out rows and of surprise at the penalty. With class weights
    /// there are two such shares, by rows as they are and by rows with these weights, and the smaller one is taken: certain errors, of rows
    /// far out that have next to no weight or of rare ones that have much, spoil the one or the other, and always in favour of more
    /// penalty. And how much of the information of all rows the folds' rows have: the variance of the gradient comes from the rows' squared
    /// slopes, and a row that stands for several has several times its share of it.
    /// </summary>
    /// <param name="rows">Rows that have been dealt into folds.</param>
    public (double Share, double Information) Choose(double rows)
    {
        var inner = folds.Length > 1
            ? new ParallelOptions { MaxDegreeOfParallelism = 1, CancellationToken = settings.Parallel.CancellationToken }
            : settings.Parallel;
        IEnumerator<LinearModel>[] paths = [.. folds.Select(fold => Models(
            problem, fold.Train, Shares(Largest, Least).Select(share => share * curvature),
            settings with { IsPenaltyPerSpread = true, LearningRate = null, Parallel = inner },
            UnseenNats / fold.Train.RowCount).GetEnumerator())];
        double leftOut = folds.Sum(fold => fold.LeftOutCount);
        var totals = folds[0].Train.Totals;
        var hasWeights = Enumerable.Range(0, totals.ClassCount).Where(k => totals.Weights[k] > 0)
            .Select(k => problem.Objective.ClassWeight(k)).Distinct().Count() > 1;
        Search[] searches = [.. Enumerable.Range(0, hasWeights ? 2 : 1).Select(_ => new Search())];
        foreach (var share in Shares(Largest, Least))
        {
            var judged = new Judgement[searches.Length, folds.Length];
            ParallelLoop.For(folds.Length, settings.Parallel, fold =>
            {
                paths[fold].MoveNext();
                var calibrated = problem.Formulation.ByCurve(problem, paths[fold].Current, folds[fold].Train, inner);
                for (var s = 0; s < searches.Length; s++)
                    judged[s, fold] = folds[fold].Judge(calibrated, problem, isWeighted: s > 0);
            });
            var decades = Math.Log10(share * rows / PriorCentre) / PriorScale;
            for (var s = 0; s < searches.Length; s++)
            {
                var sums = default(Judgement);
                for (var fold = 0; fold < folds.Length; fold++)
                    sums += judged[s, fold];
                searches[s].Add(share, sums, leftOut, surprise: Math.Log(1 + decades * decades));
            }

            if (Array.TrueForAll(searches, search => search.IsOver))
                break;
        }

        var best = searches.MinBy(search => search.Share)!;
        return (best.Share, best.Information);
    }

    /// <summary>Shares of T from the largest down, by factors of √10.</summary>
    public static IEnumerable<double> Shares(double largest, double least)
    {
        for (var share = largest; share > least; share *= Factor)
            yield return share;
    }

    /// <summary>
    /// The minima for penalties from the largest down, each from where the one before ended: by Newton steps, or where these are not
    /// affordable by one fit after the other.
    /// </summary>
    /// <param name="problem">What is trained.</param>
    /// <param name="train">The rows.</param>
    /// <param name="penalties">The penalties, as the settings say.</param>
    /// <param name="settings">The settings; their penalty and number of iterations are not used.</param>
    /// <param name="unseenGap">A gap that does not matter, even where it is above the tolerance.</param>
    public static IEnumerable<LinearModel> Models(
        FocalProblem problem, TrainingData train, IEnumerable<double> penalties, SolverSettings settings, double unseenGap = 0)
    {
        settings = settings with { NumberOfIterations = MostCallsEach };
        var start = problem.Constant(train.Totals, train.ColumnCount);
        return CurvatureCost.AllowsNewtonSteps(train.ColumnCount, problem.Objective)
            ? Solver.Path(new RowMatrix(train, settings.Parallel), problem.Objective, start, penalties, settings, unseenGap)
            : OneByOne();

        IEnumerable<LinearModel> OneByOne()
        {
            foreach (var penalty in penalties)
            {
                start = Solver.Minimize(
                    new RowMatrix(train, settings.Parallel), [problem.Objective], start, settings with { L2Regularization = penalty },
                    (_, _, _, _) => true).Model;
                yield return start;
            }
        }
    }

    /// <summary>The search for the least sum along the path.</summary>
    private sealed class Search
    {
        private double _least = double.PositiveInfinity;
        private double _leastLoss = double.PositiveInfinity;

        public double Share { get; private set; } = Largest;

        public double Information { get; private set; } = 1;

        /// <summary>Whether no smaller penalty is expected to be better.</summary>
        public bool IsOver { get; private set; }

        public void Add(double share, Judgement sums, double rows, double surprise)
        {
            var loss = sums.Loss / sums.Weight;
            var sum = loss * rows + surprise;
            IsOver = sum > _least + MostRise && loss > MostLoss * _leastLoss;
            if (sum < _least)
                (_least, _leastLoss, Share, Information) = (sum, loss, share, sums.Slopes / sums.SlopesTimesFactor);
        }
    }
}
