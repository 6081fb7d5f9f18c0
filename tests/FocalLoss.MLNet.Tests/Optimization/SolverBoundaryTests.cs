using System.Text.RegularExpressions;

namespace FocalMlNet.Tests.Optimization;

public sealed partial class SolverBoundaryTests
{
    /// <summary>What classes are, how they are weighed, γ and early stopping come in through the objective and the monitor.</summary>
    [Fact]
    public void The_solver_knows_a_matrix_and_an_objective_and_nothing_else()
    {
        string[] files = Directory.GetFiles(
            Path.Combine(TestPrograms.RepositoryRoot, "src", "FocalLoss.MLNet", "Optimization"), "*.cs");
        Assert.NotEmpty(files);
        string[] found =
            [.. from file in files
                from line in File.ReadLines(file)
                where OfClasses().IsMatch(line.Replace("sealed class", "").Replace("static class", ""))
                select $"{Path.GetFileName(file)}: {line.Trim()}"];
        Assert.True(found.Length == 0, string.Join('\n', found));
    }

    [GeneratedRegex(
        @"Totals|Class[A-Z]|\bclass(es)?\b|[Gg]amma|γ|\balpha\b|EarlyStop|Focal(?!MlNet)|using (Microsoft|FocalMlNet\.(?!Matrix;))")]
    private static partial Regex OfClasses();
}
