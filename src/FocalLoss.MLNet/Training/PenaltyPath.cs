using System.Numerics.Tensors;
using FocalMlNet.Calibration;
using FocalMlNet.Matrix;
using FocalMlNet.Optimization;

namespace FocalMlNet.Training;

/// <summary>Some rows to train on, and some that are left out: together or, if they are among those, each by itself.</summary>
internal sealed class PenaltyFold
{
    private readonly HeldOutRows _leftOut;
    private readonly RowBlock[] _blocks;
    private readonly bool _isEachAlone;
    private readonly double[] _weights;
    private readonly double[] _factors;

    /// <param name="train">The rows to train on.</param>
    /// <param name="leftOut">The rows that are left out.</param>
    /// <param name="factors">What the weights of each class have been multiplied with, because its rows stand for several.</param>
    /// <param name="perJudged">
    /// If rows that are trained on are left out one by one: of each class the weight of all rows, divided by that of these. Null if they
    /// are left out together.
    /// </param>
    public PenaltyFold(IReadOnlyList<RowBlock> train, RowBlock[] leftOut, double[] factors, double[]? perJudged = null)
    {
        (_leftOut, _blocks, _factors, _isEachAlone) = (new(leftOut), leftOut, factors, perJudged is not null);
        Train = TrainingData.Of(train, factors.Length);
        // A class that training did not see cannot be judged.
        _weights = [.. _leftOut.Weights.Zip(_leftOut.Labels, (w, k) => (Weight: w, Class: (int)k))
            .Select(row => Train.Totals.Weights[row.Class] > 0 ? row.Weight * (perJudged?[row.Class] ?? 1) : 0)];
    }

    public TrainingData Train { get; }

    /// <summary>Rows that are left out, or that those which are stand for.</summary>
    public long LeftOutCount => _isEachAlone ? Train.RowCount : _weights.Length;

    /// <summary>The calibrated scores of the rows that are left out: scores[k][i] is output k of row i.</summary>
    /// <param name="model">The minimum for the rows that are trained on.</param>
    /// <param name="minima">Those of which it was the last that was found; not used if rows are left out together.</param>
    /// <param name="problem">What is trained.</param>
    /// <param name="parallel">Threads and cancellation.</param>
    public float[][] Scores(LinearModel model, PenaltyMinima? minima, FocalProblem problem, ParallelOptions parallel)
    {
        var calibrated = problem.Formulation.ByCurve(problem, model, Train, parallel);
        var scores = _leftOut.Scores(calibrated, parallel.CancellationToken);
        if (_isEachAlone)
        {
            double[] slopes = [.. model.Coefficients.Zip(calibrated.Coefficients, Slope)];
            new LeaveOneOut(_blocks, problem.Objective, parallel).Add(model, minima!, slopes, scores);
        }

        return scores;

        static double Slope(float[] before, float[] after)
        {
            var largest = TensorPrimitives.IndexOfMaxMagnitude<float>(before);
            return before[largest] == 0 ? 1 : after[largest] / (double)before[largest];
        }
    }

    /// <summary>What the rows that are left out say of their scores.</summary>
    /// <param name="calibrated">The scores, as <see cref="Scores"/> returns them.</param>
    /// <param name="problem">What is trained.</param>
    /// <param name="isWeighted">Whether with the class weights, which calibration has taken out of the scores.</param>
    public Judgement Judge(float[][] calibrated, FocalProblem problem, bool isWeighted)
    {
        var (n, labels, outputCount) = (_weights.Length, _leftOut.Labels, calibrated.Length);
        var scores = Array.ConvertAll(calibrated, own => own.ToArray());
        for (var k = 0; k < outputCount && isWeighted; k++)
        {
            var shift = (float)(outputCount == 1 ? LnWeight(1) - LnWeight(0) : LnWeight(k));
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
    /// <summary>
    /// How much of the information of all rows these have: the variance of the gradient comes from the rows' squared slopes, and a row that
    /// stands for several has several times its share of it. All of it, where no row has any slope left.
    /// </summary>
    public double Information => SlopesTimesFactor > 0 ? Slopes / SlopesTimesFactor : 1;

    public static Judgement operator +(Judgement a, Judgement b)
        => new(a.Weight + b.Weight, a.Loss + b.Loss, a.Slopes + b.Slopes, a.SlopesTimesFactor + b.SlopesTimesFactor);
}

/// <summary>Penalties, each judged by the rows that are left out.</summary>
/// <param name="problem">What is trained.</param>
/// <param name="folds">The folds.</param>
/// <param name="curvature">T, divided by the sum of the features' squared units.</param>
/// <param name="settings">Settings of the training.</param>
internal sealed class PenaltyPath(FocalProblem problem, PenaltyFold[] folds, double curvature, SolverSettings settings)
{
    /// <summary>Of the penalties that may be looked at, as shares of T.</summary>
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
    /// Where the loss, with the surprise and without, is so many nats above that of the best penalty on the way there, none further on is
    /// expected to be better. Without: where the rows cannot tell, as between the scales of nearly equal columns, the surprise alone would
    /// end the way.
    /// </summary>
    private const double MostRise = 4;

    private const int MostCallsEach = 30;

    /// <summary>What a model may be above its minimum, summed over its rows: those that are left out could not tell.</summary>
    private const double UnseenNats = .05;

    /// <summary>
    /// The share of T with the least sum of log-loss, calibrated, over the left-out rows and of surprise at the penalty. With class weights
    /// there are two such shares, by rows as they are and by rows with these weights, and the smaller one is taken: certain errors, of rows
    /// far out that have next to no weight or of rare ones that have much, spoil the one or the other, and always in favour of more
    /// penalty. And how much of the information of all rows the folds' rows have, and the model of the first fold.
    /// </summary>
    /// <param name="rows">Rows that have been dealt into folds.</param>
    /// <param name="all">Rows that these stand for.</param>
    public (double Share, double Information, LinearModel Model) Choose(double rows, double all)
    {
        var inner = folds.Length > 1
            ? new ParallelOptions { MaxDegreeOfParallelism = 1, CancellationToken = settings.Parallel.CancellationToken }
            : settings.Parallel;
        var minima = new PenaltyMinima[folds.Length];
        ParallelLoop.For(folds.Length, settings.Parallel, fold => minima[fold] = Minima(
            problem, folds[fold].Train, settings with { IsPenaltyPerSpread = true, LearningRate = null, Parallel = inner },
            UnseenNats / folds[fold].Train.RowCount));
        double leftOut = folds.Sum(fold => fold.LeftOutCount);
        Search[] searches = [.. Weightings().Select(weights => new Search(leftOut, Entropy(weights)))];
        double[] shares = [.. Shares(Largest, Least)];
        double Decades(double share) => Math.Log10(share * rows / PriorCentre);
        var centre = Enumerable.Range(0, shares.Length).MinBy(at => Math.Abs(Decades(shares[at])));
        Look(centre);
        // From the best guess to larger penalties, and then to smaller ones.
        for (var at = centre - 1; at >= 0; at--)
        {
            Look(at);
            if (Array.TrueForAll(searches, search => search.HasRisen && search.IsBetterThanShares))
                break;
        }

        foreach (var search in searches)
            search.TurnBack();
        for (var at = centre + 1; at < shares.Length; at++)
        {
            Look(at);
            if (Array.TrueForAll(searches, search => search.HasRisen))
                break;
        }

        var best = searches.MinBy(search => search.Share)!;
        return (best.Share, best.Information, minima[0].At(best.Share * curvature));

        void Look(int at)
        {
            var judged = new Judgement[searches.Length, folds.Length];
            ParallelLoop.For(folds.Length, settings.Parallel, fold =>
            {
                var scores = folds[fold].Scores(minima[fold].At(shares[at] * curvature), minima[fold], problem, inner);
                for (var s = 0; s < searches.Length; s++)
                    judged[s, fold] = folds[fold].Judge(scores, problem, isWeighted: s > 0);
            });
            for (var s = 0; s < searches.Length; s++)
            {
                var sums = default(Judgement);
                for (var fold = 0; fold < folds.Length; fold++)
                    sums += judged[s, fold];
                // The prior is on what is taken in the end.
                var scaled = Decades(shares[at] * sums.Information * all / rows) / PriorScale;
                searches[s].Add(shares[at], sums, surprise: Math.Log(1 + scaled * scaled));
            }
        }
    }

    /// <summary>The weights of the classes in the rows and, if the objective has class weights, with these.</summary>
    private IEnumerable<double[]> Weightings()
    {
        double[] weights = [.. Enumerable.Range(0, folds[0].Train.Totals.ClassCount)
            .Select(k => folds.Sum(fold => fold.Train.Totals.Weights[k]))];
        yield return weights;
        double[] own = [.. weights.Select((_, k) => problem.Objective.ClassWeight(k))];
        if (own.Where((_, k) => weights[k] > 0).Distinct().Count() > 1)
            yield return [.. weights.Zip(own, (weight, factor) => weight * factor)];
    }

    /// <summary>The mean log-loss of who knows nothing but the classes' shares.</summary>
    private static double Entropy(double[] weights)
        => -weights.Where(weight => weight > 0).Select(weight => weight / weights.Sum()).Sum(share => share * Math.Log(share));

    /// <summary>Shares of T from the largest down, by factors of √10.</summary>
    public static IEnumerable<double> Shares(double largest, double least)
    {
        for (var share = largest; share > least; share *= Factor)
            yield return share;
    }

    /// <summary>
    /// The minima for penalties, each from where one before ended: by Newton steps, or where these are not affordable by one fit after the
    /// other.
    /// </summary>
    /// <param name="problem">What is trained.</param>
    /// <param name="train">The rows.</param>
    /// <param name="settings">The settings; their penalty and number of iterations are not used.</param>
    /// <returns>The minimum for a penalty, as the settings say.</returns>
    public static Func<double, LinearModel> Models(FocalProblem problem, TrainingData train, SolverSettings settings)
    {
        if (CurvatureCost.AllowsNewtonSteps(train.ColumnCount, problem.Objective))
            return Minima(problem, train, settings, unseenGap: 0).At;
        settings = settings with { NumberOfIterations = MostCallsEach };
        var (rows, start) = (new RowMatrix(train, settings.Parallel), problem.Constant(train.Totals, train.ColumnCount));
        return penalty => start = Solver.Minimize(
            rows, [problem.Objective], start, settings with { L2Regularization = penalty }, (_, _, _, _) => true).Model;
    }

    private static PenaltyMinima Minima(FocalProblem problem, TrainingData train, SolverSettings settings, double unseenGap)
        => new(
            new RowMatrix(train, settings.Parallel), problem.Objective, problem.Constant(train.Totals, train.ColumnCount),
            settings with { NumberOfIterations = MostCallsEach }, unseenGap);

    /// <summary>The search for the least sum of loss and surprise.</summary>
    /// <param name="rows">Rows that are left out by one fold or another.</param>
    /// <param name="lossOfShares">The mean loss of the classes' shares.</param>
    private sealed class Search(double rows, double lossOfShares)
    {
        private (double Sum, double Loss)? _first;
        private (double Sum, double Loss) _onWay = (double.PositiveInfinity, double.PositiveInfinity);
        private double _least = double.PositiveInfinity;

        public double Share { get; private set; } = Largest;

        public double Information { get; private set; } = 1;

        /// <summary>Whether the last penalty is clearly worse than the best on the way from the first one.</summary>
        public bool HasRisen { get; private set; }

        /// <summary>Whether the best on the way is better than the classes' shares, which the largest penalties lead to.</summary>
        public bool IsBetterThanShares => _onWay.Loss < lossOfShares * rows;

        /// <summary>Another way begins at the first penalty.</summary>
        public void TurnBack() => _onWay = _first!.Value;

        public void Add(double share, Judgement sums, double surprise)
        {
            var loss = sums.Loss / sums.Weight * rows;
            var sum = loss + surprise;
            _first ??= (sum, loss);
            HasRisen = Math.Min(sum - _onWay.Sum, loss - _onWay.Loss) > MostRise;
            if (sum < _onWay.Sum)
                _onWay = (sum, loss);
            if (sum < _least)
                (_least, Share, Information) = (sum, share, sums.Information);
        }
    }
}
