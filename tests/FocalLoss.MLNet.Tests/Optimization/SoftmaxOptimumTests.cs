using System.Text.Json;
using Microsoft.ML;

namespace FocalMlNet.Tests.Optimization;

/// <summary>Against the softmax minima in Reference/optima.json, computed in double precision by an independent program.</summary>
public sealed class SoftmaxOptimumTests
{
    private static readonly JsonElement[] Optima = [.. JsonDocument
        .Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Reference", "optima.json"))).RootElement.GetProperty("softmax")
            .EnumerateArray()];

    private static readonly MulticlassRow[] Data = Standardised(MulticlassRows.Shuttle());

    [Theory]
    [InlineData(0, 1e-3, 1e-4, 100)]
    [InlineData(1, 1e-3, 1e-4, 100)]
    [InlineData(2, 1e-3, 1e-4, 100)]
    [InlineData(0, 1e-5, 1e-9, 500)]
    [InlineData(1, 1e-5, 1e-9, 500)]
    [InlineData(2, 1e-5, 1e-9, 500)]
    public void The_gap_is_small_at_default_options_and_smaller_with_a_small_tolerance(
        int index, double bar, double tolerance, int iterations)
    {
        var optimum = Optima[index];
        var (gamma, l2) = (optimum.GetProperty("gamma").GetDouble(), optimum.GetProperty("l2").GetDouble());
        var weights = optimum.GetProperty("class_weights").GetString() == "ones" ? [.. Enumerable.Repeat(1.0, 7)] : InverseFrequencies();
        var mlContext = new MLContext();
        var view = MulticlassRows.View(mlContext, Data);
        var model = mlContext.MulticlassClassification.Trainers.FocalSgd(new FocalSgdMulticlassTrainer.Options
        {
            Gamma = gamma,
            Calibration = CalibrationMethod.None,
            L2Regularization = l2,
            ClassWeighting = ClassWeighting.Custom(weights),
            ConvergenceTolerance = tolerance,
            NumberOfIterations = iterations,
        }).Solve(view);

        var loss = new SoftmaxFocalLoss(gamma, weights);
        var reached = Data.Average(row => loss.Loss(
                [.. model.Coefficients.Select((w, k) => model.Offsets[k] + w.Zip(row.Features, (a, x) => a * x).Sum())], (int)row.Label))
            + l2 / 2 * model.Coefficients.Sum(w => w.Sum(x => (double)x * x));
        var least = optimum.GetProperty("objective").GetDouble();
        Assert.InRange((reached - least) / least, -1e-5, bar);
    }

    /// <summary>
    /// At defaults, where the penalty is small and rows lie far out: a step at the minimum moves some of these by more than half of what a
    /// parabola holds for, and the bound on the gap must not be lost for it. Now and then it is, which depends on the rows that are drawn.
    /// </summary>
    [Fact]
    public void At_the_minimum_it_is_called_converged_in_spite_of_rows_far_out()
    {
        var mlContext = new MLContext();
        var view = MulticlassRows.View(mlContext, Data);
        List<FocalSgdOutcome> outcomes = [];
        for (var seed = 0; seed < 8; seed++)
        {
            var options = new FocalSgdMulticlassTrainer.Options { Seed = seed, Completed = outcomes.Add };
            mlContext.MulticlassClassification.Trainers.FocalSgd(options).Fit(view);
        }

        var told = string.Join(Environment.NewLine, outcomes);
        Assert.True(outcomes.Count(outcome => outcome.IsConverged) >= 7, told);
        Assert.True(outcomes.Select(outcome => outcome.Passes).Order().ElementAt(outcomes.Count / 2) is >= 2 and <= 12, told);
    }

    private static double[] InverseFrequencies()
    {
        double[] inverse = [.. Enumerable.Range(0, 7).Select(k => 1.0 / Data.Count(row => row.Label == k))];
        return [.. inverse.Select(w => 7 * w / inverse.Sum())];
    }

    private static MulticlassRow[] Standardised(MulticlassRow[] rows)
    {
        for (var j = 0; j < rows[0].Features.Length; j++)
        {
            var mean = rows.Average(row => (double)row.Features[j]);
            var deviation = Math.Sqrt(rows.Average(row => (row.Features[j] - mean) * (row.Features[j] - mean)));
            foreach (var row in rows)
                row.Features[j] = (float)((row.Features[j] - mean) / deviation);
        }

        return rows;
    }
}
