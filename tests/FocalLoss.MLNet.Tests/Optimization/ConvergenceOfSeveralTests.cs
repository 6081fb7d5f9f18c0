using FocalMlNet.Matrix;
using FocalMlNet.Optimization;
using FocalMlNet.Training;
using Microsoft.ML;

namespace FocalMlNet.Tests.Optimization;

/// <summary>As <see cref="ConvergenceTests"/>, with several classes and with many columns.</summary>
public sealed class ConvergenceOfSeveralTests
{
    private const double Tolerance = 1e-4;
    private const int Classes = 3;
    private const int Seeds = 3;

    public static TheoryData<string, double> Cases => ConvergenceTests.Cases;

    /// <summary>The reference has no units of its own.</summary>
    public static TheoryData<string, double> CasesInFitUnits => new(
        from kind in HardProblems.Kinds where kind != "units" from gamma in new[] { 0.0, 2 } select (kind, gamma));

    [Theory]
    [MemberData(nameof(CasesInFitUnits))]
    public void Softmax_says_converged_within_the_tolerance_only(string kind, double gamma)
        => Check(seed =>
        {
            var (rows, penalty) = Problem(kind, seed);
            double[] ones = [1, 1, 1];
            double[] totals = [.. Enumerable.Range(0, Classes).Select(k => (double)rows.Count(row => row.Label == k))];
            var start = ConstantScores.Softmax(totals, gamma);
            var result = Fit(rows, new SoftmaxFocalObjective(gamma, ones), start, penalty);
            var reference = new PlainSoftmaxNewton(rows, Classes, gamma, penalty);
            double[] reached = [.. Enumerable.Range(0, Classes).SelectMany(
                k => (double[])[.. result.Model.Coefficients[k].Select(w => (double)w), result.Model.Offsets[k]])];
            double[] constant =
                [.. start.SelectMany(score => (double[])[.. new double[rows[0].Features.Length], score])];
            var least = reference.Objective(reference.Minimize(constant));
            // Of a loss that is not convex the valley in which the fit ends counts, if it is lower.
            least = gamma == 0 ? least : Math.Min(least, reference.Objective(reference.Minimize(reached)));
            return (result, reference.Objective(reached) - least);
        });

    [Theory]
    [MemberData(nameof(Cases))]
    public void One_versus_all_says_converged_within_the_tolerance_only(string kind, double gamma)
        => Check(seed =>
        {
            var (rows, penalty) = Problem(kind, seed);
            double[] ones = [1, 1, 1], gammas = [gamma, gamma, gamma];
            double[] totals = [.. Enumerable.Range(0, Classes).Select(k => (double)rows.Count(row => row.Label == k))];
            var start = ConstantScores.OneVersusAll(totals, gammas);
            var result = Fit(rows, new OneVersusAllFocalObjective(gammas, ones), start, penalty);
            double gap = 0;
            for (var k = 0; k < Classes; k++)
            {
                Row[] own = [.. rows.Select(row => new Row { Label = row.Label == k, Features = row.Features })];
                gap += ConvergenceTests.Gap(
                    new PlainNewton(own, gamma, penalty), result.Model.Coefficients[k], result.Model.Offsets[k], gamma, start[k]);
            }

            return (result, gap);
        });

    /// <summary>Columns that do not vary change no minimum, but there are too many for a matrix then.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void Many_columns_say_converged_within_the_tolerance_only(string kind, double gamma)
        => Check(seed =>
        {
            var rows = HardProblems.Make(kind, seed);
            var penalty = Math.Pow(10, -7 + seed % 7);
            var loss = new FocalLoss(gamma);
            var none = new float[CurvatureCost.MostColumns];
            Row[] wide = [.. rows.Select(row => new Row { Label = row.Label, Features = [.. row.Features, .. none] })];
            var data = TrainingData.Read(new RowReader(Rows.View(new MLContext(), wide), "Label", "Features", null), long.MaxValue);
            var constant = loss.BestConstantScore(data.Totals.Weights[1], data.Totals.Weights[0]);
            var result = Solver.Minimize(
                new RowMatrix(data, new ParallelOptions()),
                [new FocalObjective(loss, 1, 1)], LinearModel.Constant(data.ColumnCount, (float)constant), Settings(penalty),
                (_, _, _, _) => true);
            return (result, ConvergenceTests.Gap(
                new PlainNewton(rows, gamma, penalty), result.Model.Coefficients[0][..rows[0].Features.Length], result.Model.Offsets[0],
                gamma, constant));
        });

    /// <summary>
    /// Without a penalty a class that is told apart without error goes on for ever, and no step is small; what it has to lose is next to
    /// nothing, and the other classes have a minimum.
    /// </summary>
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_class_without_a_minimum_hides_not_that_others_are_at_theirs(double gamma)
        => Check(seed =>
        {
            var random = new Random(seed);
            var rows = MulticlassRows.Gaussian(300, Classes, seed);
            foreach (var row in rows)
            {
                // All that is known of the first class is that it is far from the other two.
                row.Features = [row.Label == 0 ? 8 : 0, (float)(Rows.Normal(random) + row.Label)];
                row.Features[0] += (float)Rows.Normal(random);
            }

            double[] ones = [1, 1, 1], gammas = [gamma, gamma, gamma];
            double[] totals = [.. Enumerable.Range(0, Classes).Select(k => (double)rows.Count(row => row.Label == k))];
            var start = ConstantScores.OneVersusAll(totals, gammas);
            var result = Fit(rows, new OneVersusAllFocalObjective(gammas, ones), start, penalty: 0);
            double gap = 0;
            for (var k = 0; k < Classes; k++)
            {
                Row[] own = [.. rows.Select(row => new Row { Label = row.Label == k, Features = row.Features })];
                gap += ConvergenceTests.Gap(
                    new PlainNewton(own, gamma, 0), result.Model.Coefficients[k], result.Model.Offsets[k], gamma, start[k]);
            }

            return (result, gap);
        });

    private static void Check(Func<int, (SolverResult Result, double Gap)> fit)
    {
        var (said, found) = (0, new List<string>());
        for (var seed = 0; seed < Seeds; seed++)
        {
            var (result, gap) = fit(seed);
            var share = gap / (Tolerance * result.StartObjective);
            said += result.Converged ? 1 : 0;
            if (!result.Converged || share > 1)
                found.Add($"seed {seed}: converged {result.Converged}, {share:g3} tolerances, {result.Passes} passes");
            Assert.False(result.Converged && share > 1, string.Join('\n', found));
        }

        Assert.True(said >= Seeds - 1, string.Join('\n', found));
    }

    private static (MulticlassRow[] Rows, double Penalty) Problem(string kind, int seed)
    {
        var random = new Random(seed);
        // The negatives are two classes, which chance tells apart.
        MulticlassRow[] rows = [.. HardProblems.Make(kind, seed).Select(
            row => new MulticlassRow { Label = row.Label ? 2u : (uint)random.Next(2), Features = row.Features })];
        (rows[2].Label, rows[3].Label) = (0, 1);
        return (rows, Math.Pow(10, -7 + seed % 7));
    }

    private static SolverSettings Settings(double penalty) => new(100, Tolerance, null, penalty, true, 0, new ParallelOptions());

    private static SolverResult Fit(MulticlassRow[] rows, IObjective objective, double[] start, double penalty)
    {
        var data = TrainingData.Read(
            new RowReader(MulticlassRows.View(new MLContext(), rows, Classes), "Label", "Features", null, outputCount: Classes),
            long.MaxValue);
        return Solver.Minimize(
            new RowMatrix(data, new ParallelOptions()),
            [objective], LinearModel.Constant(data.ColumnCount, [.. start.Select(score => (float)score)]), Settings(penalty),
            (_, _, _, _) => true);
    }
}
