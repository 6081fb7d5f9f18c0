using FocalMlNet.Matrix;
using FocalMlNet.Optimization;
using FocalMlNet.Tests.Optimization;
using FocalMlNet.Training;
using Microsoft.ML;

namespace FocalMlNet.Tests.Training;

/// <summary>
/// The search for the penalty, which begins at the centre of the prior, beside what a whole path of minima by a plain Newton method says.
/// </summary>
public sealed class PenaltySearchTests
{
    private const int Count = 200;
    private const int Folds = 5;
    private static readonly double[] Shares = [.. Enumerable.Range(0, 20).Select(k => 10 * Math.Pow(10, -k / 2.0))];
    private static readonly ParallelOptions Parallel = new() { MaxDegreeOfParallelism = 2 };

    public enum Kind
    {
        /// <summary>Log-normal features that say nothing: the more penalty, the better.</summary>
        Noise,

        /// <summary>Features without meaning but for the first.</summary>
        Gaussian,

        /// <summary>A plane separates the classes: the less penalty, the better.</summary>
        Separable,

        /// <summary>Pairs of nearly equal columns whose differences tell: between the two scales the penalty decides nothing.</summary>
        NearlyEqual,
    }

    [Theory]
    [InlineData(Kind.Gaussian, 1, 1 / 30.0, 30)]
    [InlineData(Kind.Noise, 1, 30, 1e9)]
    [InlineData(Kind.Separable, 1, 0, 1 / 30.0)]
    [InlineData(Kind.NearlyEqual, 1, 0, 1 / 30.0)]
    public void The_best_penalty_of_the_whole_path_is_found_however_far_from_the_first(Kind kind, int seed, double from, double to)
    {
        var rows = Make(kind, seed);
        var formulation = new BinaryFormulation(new MLContext().BinaryClassification.Trainers, new() { Gamma = 0 }, given: null);
        var problem = new FocalProblem(formulation, 0, [1, 1]);
        Row[] Part(Func<int, bool> isIn) => [.. rows.Where((_, i) => isIn(i % Folds))];
        (Row[] Train, Row[] LeftOut)[] parts =
            [.. Enumerable.Range(0, Folds).Select(fold => (Part(f => f != fold), Part(f => f == fold)))];
        PenaltyFold[] folds = [.. parts.Select(part => new PenaltyFold([Block(part.Train)], [Block(part.LeftOut)], [1, 1]))];
        var curvature = PenaltyChoice.CurvatureAtStart(problem, TrainingData.Of([Block(rows)], 2));
        var settings = new SolverSettings(100, 1e-6, null, 0, true, 0, Parallel);
        var chosen = new PenaltyPath(problem, folds, curvature, settings).Choose(Count, Count).Share;

        var losses = new double[Shares.Length];
        for (var fold = 0; fold < Folds; fold++)
        {
            // λ is a share of the curvature times the sum of the features' squared units.
            var perSpread = settings with { L2Regularization = 1, IsPenaltyPerSpread = true };
            var spread = new Problem(new RowMatrix(folds[fold].Train, Parallel), [problem.Objective], perSpread).Penalty;
            (double[] Weights, double Bias) point = (new double[rows[0].Features.Length], 0);
            for (var at = 0; at < Shares.Length; at++)
            {
                point = new PlainNewton(parts[fold].Train, 0, Shares[at] * curvature * spread).Minimize(point.Weights, point.Bias);
                losses[at] += parts[fold].LeftOut.Sum(row =>
                {
                    var score = point.Bias + point.Weights.Zip(row.Features, (w, x) => w * x).Sum();
                    return Math.Min(Math.Log(1 + Math.Exp(row.Label ? -score : score)), -Math.Log(float.Epsilon));
                });
            }
        }

        double[] sums = [.. losses.Select((loss, at) => loss + Math.Log(1 + Math.Pow(4 * Math.Log10(Shares[at] * Count / 2), 2)))];
        var best = Enumerable.Range(0, Shares.Length).MinBy(at => sums[at]);
        Assert.InRange(Shares[best] / (2.0 / Count), from, to);
        // A fit of a path ends up to a fifth of a nat above its minimum.
        var found = Enumerable.Range(0, Shares.Length).MinBy(at => Math.Abs(Math.Log(Shares[at] / chosen)));
        Assert.True(sums[found] < sums[best] + .5, $"{chosen} and not {Shares[best]}: {string.Join(" ", sums.Select(s => (float)s))}");
    }

    private static Row[] Make(Kind kind, int seed)
    {
        if (kind == Kind.Gaussian)
            return Rows.Gaussian(Count, features: 6, positiveRate: .3, seed);
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Count).Select(i =>
        {
            double[] z = [.. Enumerable.Range(0, 6).Select(_ => Rows.Normal(random))];
            double[] x = kind switch
            {
                Kind.Noise => [.. z.Select(v => Math.Exp(2 * v))],
                Kind.NearlyEqual => [.. z.Select((v, j) => j % 2 == 1 ? z[j - 1] + 1e-3 * v : v)],
                _ => z,
            };
            var score = kind == Kind.Noise ? -1 : kind == Kind.Separable ? 50 * (z[0] + z[1] - .5) : 2 * (z[1] + z[3]) - .5;
            return new Row { Label = random.NextDouble() < 1 / (1 + Math.Exp(-score)), Features = [.. x.Select(v => (float)v)] };
        })];
    }

    private static DenseBlock Block(Row[] rows)
    {
        var width = rows[0].Features.Length;
        float[] values = [.. Enumerable.Range(0, width).SelectMany(j => rows.Select(row => row.Features[j]))];
        return new(values, width, [.. rows.Select(row => row.Label ? 1f : 0)], [.. rows.Select(_ => 1f)]);
    }
}
