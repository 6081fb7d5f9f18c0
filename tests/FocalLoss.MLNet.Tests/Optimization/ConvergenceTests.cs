using FocalMlNet.Matrix;
using FocalMlNet.Optimization;
using FocalMlNet.Training;
using Microsoft.ML;

namespace FocalMlNet.Tests.Optimization;

/// <summary>What a fit says of itself is true: "converged" only within the tolerance of the minimum.</summary>
public sealed class ConvergenceTests
{
    private const double Tolerance = 1e-4;
    private const int Seeds = 50;

    public static TheoryData<string, double> Cases => new(
        from kind in HardProblems.Kinds from gamma in new[] { 0.0, 2 } select (kind, gamma));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Converged_is_said_within_the_tolerance_only_and_nearly_always(string kind, double gamma)
    {
        var (said, worst) = (0, double.NegativeInfinity);
        var found = new List<string>();
        for (var seed = 0; seed < Seeds; seed++)
        {
            var rows = HardProblems.Make(kind, seed);
            var penalty = Math.Pow(10, -7 + seed % 7);
            var (result, gap) = Fit(rows, gamma, penalty);
            if (!result.Converged)
            {
                var tolerances = gap / Tolerance / result.StartObjective;
                found.Add($"seed {seed}, penalty {penalty:e0}: not converged, {tolerances:g3} tolerances, {result.Passes} passes");
                continue;
            }

            said++;
            var share = gap / (Tolerance * result.StartObjective);
            worst = Math.Max(worst, share);
            if (share > 1)
                found.Add($"seed {seed}, penalty {penalty:e0}: converged at {share:g3} tolerances, {result.Passes} passes");
        }

        TestContext.Current.SendDiagnosticMessage($"{kind}, γ {gamma}: {said} of {Seeds} converged, worst {worst:g3}");
        Assert.True(worst <= 1, string.Join('\n', found));
        Assert.True(said >= .9 * Seeds, string.Join('\n', found));
    }

    /// <summary>A fit at the default tolerance and its gap.</summary>
    private static (SolverResult Result, double Gap) Fit(Row[] rows, double gamma, double penalty)
    {
        var data = TrainingData.Read(new RowReader(Rows.View(new MLContext(), rows), "Label", "Features", null), long.MaxValue);
        var loss = new FocalLoss(gamma);
        var constant = (float)loss.BestConstantScore(data.Totals.Weights[1], data.Totals.Weights[0]);
        var result = Solver.Minimize(
            new RowMatrix(data, new ParallelOptions()),
            [new FocalObjective(loss, 1, 1)], LinearModel.Constant(rows[0].Features.Length, constant),
            new SolverSettings(100, Tolerance, null, penalty, true, 0, new ParallelOptions()), (_, _, _, _) => true);
        return (result, Gap(
            new PlainNewton(rows, gamma, penalty), result.Model.Coefficients[0], result.Model.Offsets[0], gamma, constant));
    }

    /// <summary>How far a model is above the lower of two minima: that from a constant, and that from the model.</summary>
    internal static double Gap(PlainNewton reference, float[] coefficients, float offset, double gamma, double constant)
    {
        double[] weights = [.. coefficients.Select(w => (double)w)];
        return reference.Objective(weights, offset) - Math.Min(
            Rounded(reference, reference.Minimize(new double[weights.Length], constant)),
            gamma == 0 ? double.PositiveInfinity : Rounded(reference, reference.Minimize(weights, offset)));
    }

    /// <summary>A stock model holds weights in single precision.</summary>
    private static double Rounded(PlainNewton reference, (double[] Weights, double Bias) minimum)
        => reference.Objective([.. minimum.Weights.Select(w => (double)(float)w)], (float)minimum.Bias);
}
