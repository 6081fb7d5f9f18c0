using System.Globalization;
using FocalMlNet.Evaluation;

namespace FocalMlNet;

/// <summary>
/// What each decision about a row brings in: gains are positive, costs negative, in whatever unit the profit is to be in. The one type for
/// costs and profits: thresholds, tuning and comparisons take it. Immutable.
/// </summary>
/// <remarks>
/// With calibrated probabilities p the best decision is the one with the highest expected gain (Elkan, "The Foundations of Cost-Sensitive
/// Learning", 2001). Of two classes that is to call positive all rows with p above <see cref="BayesThreshold"/>, (TN - FP) / (TN - FP + TP
/// - FN), if both right calls bring more than the errors in their places. If one does not, one decision is better for every row, whatever
/// its probability.
/// </remarks>
public sealed class CostMatrix
{
    private const int Negative = 0, Positive = 1;

    private readonly double[,] _gains;

    /// <summary>Two classes, in the order of <see cref="ConfusionCounts"/>: it is safest to name the arguments.</summary>
    /// <param name="truePositive">What a positive called positive brings in, in [-1e100; 1e100] as the others; a cost if below 0.</param>
    /// <param name="falsePositive">What a negative called positive brings in, as a rule a cost: that of a false alert.</param>
    /// <param name="falseNegative">What a positive called negative brings in. Default: 0.</param>
    /// <param name="trueNegative">What a negative called negative brings in. Default: 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    /// <exception cref="ArgumentException">Both errors bring in more than the right calls: costs should be below 0.</exception>
    public CostMatrix(double truePositive, double falsePositive, double falseNegative = 0, double trueNegative = 0)
    {
        _gains = new[,]
        {
            { Guard.Gain(trueNegative), Guard.Gain(falsePositive) },
            { Guard.Gain(falseNegative), Guard.Gain(truePositive) },
        };
        Guard.Compatible(!IsUpsideDown(), FormattableString.Invariant(
            $"falsePositive = {falsePositive} is above trueNegative = {trueNegative}, and falseNegative = {falseNegative} above ")
            + FormattableString.Invariant($"truePositive = {truePositive}, but an error should not bring in more than the right call: ")
            + "gains are positive, costs negative.", nameof(falsePositive));
    }

    /// <summary>Any number of classes.</summary>
    /// <param name="gains">
    /// K × K numbers in [-1e100; 1e100] for K ≥ 2 classes: [i, j] is what a row of class i brings in if it is given to class j. The classes
    /// are in the order of the scores (<see cref="ImbalancedMulticlassMetrics.Classes"/>); of two, 0 is the negative one and 1 the positive
    /// one.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    /// <exception cref="ArgumentException">
    /// The matrix is not square or too small, or for every class each error brings in more than the right decision: costs should be below
    /// 0.
    /// </exception>
    public CostMatrix(double[,] gains)
    {
        ArgumentNullException.ThrowIfNull(gains);
        var (rows, columns) = (gains.GetLength(0), gains.GetLength(1));
        Guard.Compatible(rows == columns && rows >= 2, string.Create(CultureInfo.InvariantCulture,
            $"gains has {rows} rows and {columns} columns, but it should have as many columns as rows, and at least 2."), nameof(gains));
        _gains = (double[,])gains.Clone();
        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < rows; j++)
                Guard.Gain(_gains[i, j], $"gains[{i}, {j}]");
        }

        Guard.Compatible(!IsUpsideDown(), FormattableString.Invariant(
            $"gains[0, 0] = {_gains[0, 0]} is below gains[0, 1] = {_gains[0, 1]}, and so in every row, but an error should not bring in ")
            + "more than the right decision: gains are positive, costs negative.", nameof(gains));
    }

    /// <summary>The number K of classes, at least 2.</summary>
    public int ClassCount => _gains.GetLength(0);

    /// <summary>What a positive called positive brings in.</summary>
    /// <exception cref="InvalidOperationException">There are more than two classes.</exception>
    public double TruePositive => OfTwo(Positive, Positive);

    /// <summary>What a negative called positive brings in.</summary>
    /// <exception cref="InvalidOperationException">There are more than two classes.</exception>
    public double FalsePositive => OfTwo(Negative, Positive);

    /// <summary>What a positive called negative brings in.</summary>
    /// <exception cref="InvalidOperationException">There are more than two classes.</exception>
    public double FalseNegative => OfTwo(Positive, Negative);

    /// <summary>What a negative called negative brings in.</summary>
    /// <exception cref="InvalidOperationException">There are more than two classes.</exception>
    public double TrueNegative => OfTwo(Negative, Negative);

    /// <summary>
    /// The best threshold on calibrated probabilities, (TN - FP) / (TN - FP + TP - FN), in [0; 1]: call positive what is above. Null if no
    /// threshold matters, as one decision is at least as good for every row: <see cref="ToString"/> says which.
    /// </summary>
    /// <exception cref="InvalidOperationException">There are more than two classes.</exception>
    public double? BayesThreshold => AlertLoss > 0 && MissLoss > 0 ? Share(AlertLoss, MissLoss) : null;

    /// <summary>Above which probability to call a row positive: that threshold, or one above or below all probabilities.</summary>
    internal double CallAbove => BayesThreshold ?? (MissLoss > 0 || AlertLoss < 0 ? -1 : 1);

    /// <summary>What a false alert loses against the right call.</summary>
    private double AlertLoss => TrueNegative - FalsePositive;

    /// <summary>What a missed positive loses against the right call.</summary>
    private double MissLoss => TruePositive - FalseNegative;

    /// <summary>What a row of one class brings in if it is given to another, or to its own.</summary>
    /// <param name="actual">The class of the row, from 0; of two classes 1 is the positive one.</param>
    /// <param name="predicted">The class it is given to.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public double this[int actual, int predicted]
        => _gains[Guard.ClassIndex(ClassCount, actual), Guard.ClassIndex(ClassCount, predicted)];

    /// <summary>
    /// Two classes, and only errors count: a missed positive costs as much as <paramref name="falseAlarms"/> false alerts, each of which
    /// costs 1. The best threshold on calibrated probabilities is 1 / (1 + falseAlarms).
    /// </summary>
    /// <param name="falseAlarms">How many false alerts a missed positive is worth, in (0; 1e100].</param>
    /// <returns>The matrix.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="falseAlarms"/> is outside its range.</exception>
    public static CostMatrix OfMissCost(double falseAlarms)
        => new(truePositive: 0, falsePositive: -1, falseNegative: -Guard.Positive(Guard.Gain(falseAlarms), nameof(falseAlarms)));

    /// <summary>The class to give a row to: the one with the highest expected gain Σ_i p_i · [i, j]; the first of several.</summary>
    /// <param name="probabilities">The calibrated probability of each class, K finite numbers of at least 0.</param>
    /// <returns>In [0; K - 1]; of two classes 1 is the positive one.</returns>
    /// <exception cref="ArgumentException">There are not K probabilities.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A probability is NaN, infinite or below 0.</exception>
    public int BestDecision(ReadOnlySpan<float> probabilities)
    {
        Guard.Count(ClassCount, "the number of classes", probabilities.Length, nameof(probabilities));
        for (var i = 0; i < probabilities.Length; i++)
        {
            if (!(float.IsFinite(probabilities[i]) && probabilities[i] >= 0))
                Guard.NotNegative(probabilities[i], $"probabilities[{i}]");
        }

        var (best, most) = (0, double.NegativeInfinity);
        for (var j = 0; j < ClassCount; j++)
        {
            double gain = 0;
            for (var i = 0; i < probabilities.Length; i++)
                gain += probabilities[i] * _gains[i, j];
            if (gain > most)
                (best, most) = (j, gain);
        }

        return best;
    }

    /// <summary>The mean profit of a row: the gains, weighted by what is counted.</summary>
    /// <param name="counts">What is counted of two classes.</param>
    /// <returns>TP, FP, FN and TN, each times its gain, / their sum, in the unit of the gains; NaN if there are no rows.</returns>
    /// <exception cref="InvalidOperationException">There are more than two classes.</exception>
    public double ProfitPerRow(ConfusionCounts counts)
        => TruePositive * (counts.TruePositives / counts.Total) + FalsePositive * (counts.FalsePositives / counts.Total)
            + FalseNegative * (counts.FalseNegatives / counts.Total) + TrueNegative * (counts.TrueNegatives / counts.Total);

    /// <summary>The mean profit of a row: the gains, weighted by what is counted.</summary>
    /// <param name="confusionMatrix">
    /// K rows of K counts or summed weights, [actual class][class it is given to], as
    /// <see cref="ImbalancedMulticlassMetrics.ConfusionMatrix"/>.
    /// </param>
    /// <returns>In the unit of the gains; NaN if there are no rows.</returns>
    /// <exception cref="ArgumentException">There are not K rows of K numbers.</exception>
    public double ProfitPerRow(IReadOnlyList<IReadOnlyList<double>> confusionMatrix)
    {
        ArgumentNullException.ThrowIfNull(confusionMatrix);
        Guard.Count(ClassCount, "the number of classes", confusionMatrix.Count, nameof(confusionMatrix));
        double profit = 0;
        var total = confusionMatrix.Sum(row => row.Sum());
        for (var i = 0; i < ClassCount; i++)
        {
            Guard.Count(ClassCount, "the number of classes", confusionMatrix[i].Count, $"confusionMatrix[{i}]");
            for (var j = 0; j < ClassCount; j++)
                profit += _gains[i, j] * (confusionMatrix[i][j] / total);
        }

        return profit;
    }

    /// <summary>
    /// Two classes: a table, and the best decision on calibrated probabilities, which is a threshold or one call for all rows. More: the
    /// number of classes.
    /// </summary>
    /// <returns>Lines of at most 80 characters, numbers in invariant form.</returns>
    public override string ToString()
    {
        if (ClassCount > 2)
            return FormattableString.Invariant($"Gains and costs of {ClassCount} classes");
        static string Text(double gain) => gain.ToString("G6", CultureInfo.InvariantCulture);
        var table = new TextTable("called positive", "called negative")
            .Add("positive", Text(TruePositive), Text(FalseNegative)).Add("negative", Text(FalsePositive), Text(TrueNegative));
        return $"{table}{Rule()}\n";
    }

    private string Rule()
    {
        if (BayesThreshold is { } threshold)
            return FormattableString.Invariant($"Best: call positive what has a calibrated probability above {threshold:G6}.");
        if (AlertLoss == 0 && MissLoss == 0)
            return "No threshold matters: it makes no difference what a row is called.";
        return CallAbove < 0
            ? "No threshold matters: to call a row positive never brings in less."
            : "No threshold matters: to call a row negative never brings in less.";
    }

    /// <summary>a / (a + b) of two numbers above 0, also where the sum is no more than the larger, or either is tiny.</summary>
    private static double Share(double a, double b) => 1 / (1 + b / a);

    private double OfTwo(int actual, int predicted) => ClassCount == 2 ? _gains[actual, predicted]
        : throw new InvalidOperationException(FormattableString.Invariant(
            $"The cost matrix has {ClassCount} classes, but for positives and negatives it should have 2."));

    /// <summary>Whether for every class all errors bring in more than the right decision: costs were given as positive numbers.</summary>
    private bool IsUpsideDown()
    {
        for (var i = 0; i < ClassCount; i++)
        {
            for (var j = 0; j < ClassCount; j++)
            {
                if (j != i && !(_gains[i, j] > _gains[i, i]))
                    return false;
            }
        }

        return true;
    }
}
