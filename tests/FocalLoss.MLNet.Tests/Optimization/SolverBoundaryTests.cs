using System.Text.RegularExpressions;

namespace FocalMlNet.Tests.Optimization;

public sealed partial class SolverBoundaryTests
{
    /// <summary>
    /// What classes are, how they are weighed, γ and early stopping come in through the objective and the monitor; what is counted of
    /// labels comes with the rows.
    /// </summary>
    [Fact]
    public void The_solver_knows_a_matrix_and_an_objective_and_nothing_else() => AssertNoLine(OfClasses(), exceptIn: ["RowMatrix.cs"]);

    /// <summary>
    /// It asks <c>ITrainingRows</c>, behind which they may be in memory, in a file or on another machine. A given learning rate steps
    /// through rows, and curvatures are taken in some, but these have been handed over and are in memory.
    /// </summary>
    [Fact]
    public void The_solver_does_not_know_where_rows_lie()
    {
        AssertNoLine(OfStores(), exceptIn: Rows);
        AssertNoLine(OfBlocks(), exceptIn: [.. Rows, .. WithinBlocks, .. OnRowsAtHand]);
    }

    /// <summary>What is behind the interface.</summary>
    private static readonly string[] Rows = ["RowMatrix.cs", "RowMatrix.Draws.cs"];

    /// <summary>What is asked of each row of a block there.</summary>
    private static readonly string[] WithinBlocks = ["Leverage.cs", "FarRows.cs"];

    /// <summary>What computes with rows that were handed over.</summary>
    private static readonly string[] OnRowsAtHand =
        ["SampledCurvature.cs", "OuterSums.cs", "RowCurvature.cs", "AveragedSgd.cs", "LeaveOneOut.cs"];

    private static void AssertNoLine(Regex forbidden, string[] exceptIn)
    {
        string[] files = Directory.GetFiles(
            Path.Combine(TestPrograms.RepositoryRoot, "src", "FocalLoss.MLNet", "Optimization"), "*.cs", SearchOption.AllDirectories);
        Assert.Empty(exceptIn.Except(files.Select(Path.GetFileName)));
        string[] found =
            [.. from file in files
                where !exceptIn.Contains(Path.GetFileName(file))
                from line in File.ReadLines(file)
                where forbidden.IsMatch(line.Replace("sealed class", "").Replace("static class", "").Replace("partial class", ""))
                select $"{Path.GetFileName(file)}: {line.Trim()}"];
        Assert.True(found.Length == 0, string.Join('\n', found));
    }

    [GeneratedRegex(
        @"Totals|Class[A-Z]|\bclass(es)?\b|[Gg]amma|γ|\balpha\b|EarlyStop|Focal(?!MlNet)|using (Microsoft|FocalMlNet\.(?!Matrix;))")]
    private static partial Regex OfClasses();

    [GeneratedRegex(@"TrainingData|BlockStore|IsSpilled|RowReader")]
    private static partial Regex OfStores();

    [GeneratedRegex(@"(Row|Dense|Sparse)Block|\bBlocks\b|FocalMlNet\.Matrix|\bMatrix\.")]
    private static partial Regex OfBlocks();
}
