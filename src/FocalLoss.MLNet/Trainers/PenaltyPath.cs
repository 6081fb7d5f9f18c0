using FocalMlNet.Data;
using FocalMlNet.Optimization;

namespace FocalMlNet.Trainers;

/// <summary>What distinguishes two classes, softmax and one-versus-all where a penalty is chosen for them.</summary>
/// <param name="Objective">What is minimised in the end.</param>
/// <param name="ConstantScores">The scores that are best when features are not looked at.</param>
/// <param name="Calibrate">Makes the scores of a model log-odds, by the rows it was trained on.</param>
/// <param name="TrueProbabilities">Of calibrated scores, output after output, and the rows' classes: the probability of each row's own class.</param>
internal sealed record PenaltyProblem(
    IObjective Objective,
    Func<ClassTotals, double[]> ConstantScores,
    Func<LinearModel, TrainingData, ParallelOptions, LinearModel> Calibrate,
    Func<float[], float[], double[]> TrueProbabilities)
{
    /// <summary>The model that does not look at so many features.</summary>
    public LinearModel Constant(ClassTotals totals, int columnCount)
        => LinearModel.Constant(columnCount, [.. ConstantScores(totals).Select(score => (float)score)]);
}

/// <summary>Some rows to train on, and some that are left out.</summary>
internal sealed class PenaltyFold
{
    private readonly RowBlock[] _leftOut;
    private readonly float[] _labels;
    private readonly double[] _weights;
    private readonly double[] _factors;

    /// <param name="train">The rows to train on.</param>
    /// <param name="leftOut">The rows that are left out; those of a class weigh together what all of the class do.</param>
    /// <param name="totals">Of all rows.</param>
    /// <param name="factors">What the weights of each class of those to train on have been multiplied with, because its rows stand for several.</param>
    public PenaltyFold(RowBlock[] train, RowBlock[] leftOut, ClassTotals totals, double[] factors)
    {
        (_leftOut, _factors) = (leftOut, factors);
        Train = TrainingData.Of(train, factors.Length);
        _labels = [.. leftOut.SelectMany(block => block.Labels.ToArray())];
        var own = new ClassTotals(factors.Length);
        foreach (var block in leftOut)
            own.Add(block);
        // A class that training did not see cannot be judged.
        double[] scales = [.. own.Weights.Select((weight, k) => weight > 0 && Train.Totals.Weights[k] > 0 ? totals.Weights[k] / weight : 0)];
        _weights = [.. leftOut.SelectMany(block => block.Weights.ToArray().Select((w, i) => w * scales[(int)block.Labels[i]]))];
    }

    public TrainingData Train { get; }

    /// <summary>Of the rows that are left out: their weight, their log-loss, and their squared slopes, by weight and once more by what a row stands for.</summary>
    public (double Weight, double Loss, double Slopes, double Own) Judge(LinearModel model, PenaltyProblem problem)
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

        var probabilities = problem.TrueProbabilities(scores, _labels);
        double weight = 0, loss = 0, slopes = 0, own = 0;
        for (var i = 0; i < n; i++)
        {
            var (w, missing) = (_weights[i], 1 - probabilities[i]);
            weight += w;
            loss -= w == 0 ? 0 : w * Math.Log(Math.Max(probabilities[i], double.Epsilon));
            slopes += w * missing * missing;
            own += w * missing * missing * _factors[(int)_labels[i]];
        }

        return (weight, loss, slopes, own);
    }
}

/// <summary>Penalties from the largest down, each judged by the rows that are left out.</summary>
/// <param name="problem">What is trained.</param>
/// <param name="folds">The folds.</param>
/// <param name="curvature">T, divided by the sum of the features' squared units.</param>
/// <param name="settings">Settings of the training.</param>
internal sealed class PenaltyPath(PenaltyProblem problem, PenaltyFold[] folds, double curvature, SolverSettings settings)
{
    /// <summary>Penalties from 10 T down, by factors of √10.</summary>
    public const double Largest = 10;

    private const double Factor = .31622776601683794;
    private const double Least = 1e-9;

    /// <summary>
    /// The prior on log10 λ is a Cauchy distribution of this scale around 2 T / n. Left-out rows of a few hundred tell little, and what they tell has the wrong sign: an outlier that is
    /// left out leaves rows that ask for less penalty. The sum of losses grows with the rows, and the prior does not.
    /// </summary>
    private const double PriorScale = .25;

    public const double PriorCentre = 2;

    /// <summary>With more loss than the least times this, and more nats than the prior can give back, no smaller penalty is expected to be better.</summary>
    private const double MostLoss = 1.3;
    private const double MostRise = 11;

    private const int MostCallsEach = 30;

    /// <summary>
    /// The share of T with the least sum of log-loss, calibrated, over the left-out rows and of surprise at the penalty, and how much of the information of all rows the folds' rows
    /// have: the variance of the gradient comes from the rows' squared slopes, and a row that stands for several has several times its share of it.
    /// </summary>
    public (double Share, double Information) Choose(double from, int of)
    {
        var inner = folds.Length > 1
            ? new ParallelOptions { MaxDegreeOfParallelism = 1, CancellationToken = settings.Parallel.CancellationToken }
            : settings.Parallel;
        IEnumerator<LinearModel>[] paths = [.. folds.Select(fold => Solver.Path(
            fold.Train, problem.Objective, problem.Constant(fold.Train.Totals, fold.Train.ColumnCount), Shares(from).Select(share => share * curvature),
            settings with { NumberOfIterations = MostCallsEach, Parallel = inner }).GetEnumerator())];
        // Rows of the folds without those that are in none of them, and of these the ones that judge.
        var rows = folds.Average(fold => (double)fold.Train.RowCount) * of / (of - 1);
        var leftOut = rows * folds.Length / of;
        var (least, leastLoss, chosen, information) = (double.PositiveInfinity, double.PositiveInfinity, from, 1.0);
        foreach (var share in Shares(from))
        {
            var judged = new (double Weight, double Loss, double Slopes, double Own)[folds.Length];
            Parallel.For(0, folds.Length, settings.Parallel, fold =>
            {
                paths[fold].MoveNext();
                judged[fold] = folds[fold].Judge(problem.Calibrate(paths[fold].Current, folds[fold].Train, inner), problem);
            });
            var loss = judged.Sum(fold => fold.Loss) / judged.Sum(fold => fold.Weight);
            var decades = Math.Log10(share * rows / PriorCentre) / PriorScale;
            var sum = loss * leftOut + Math.Log(1 + decades * decades);
            if (sum < least)
                (least, leastLoss, chosen, information) = (sum, loss, share, judged.Sum(fold => fold.Slopes) / judged.Sum(fold => fold.Own));
            else if (sum > least + MostRise && loss > MostLoss * leastLoss)
                break;
        }

        return (chosen, information);
    }

    private static IEnumerable<double> Shares(double from)
    {
        for (var share = from; share > Least; share *= Factor)
            yield return share;
    }
}
