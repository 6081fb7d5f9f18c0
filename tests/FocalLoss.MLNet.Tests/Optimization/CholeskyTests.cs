using FocalMlNet.Optimization;

namespace FocalMlNet.Tests.Optimization;

public sealed class CholeskyTests
{
    /// <summary>Sizes below, at and above those of the parts in which it is found.</summary>
    public static TheoryData<int> Sizes => [1, 2, 7, 8, 15, 16, 17, 18, 19, 20, 31, 32, 33, 48, 61, 100, 201];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void The_product_of_the_factor_with_itself_is_the_matrix(int size)
    {
        var matrix = Matrix(size);
        double[][] factor = [.. matrix.Select(row => row.ToArray())];
        Assert.True(Cholesky.Factor(factor));
        for (var i = 0; i < size; i++)
        {
            Assert.True(factor[i][i] > 0);
            for (var j = 0; j <= i; j++)
                Assert.Equal(matrix[i][j], Enumerable.Range(0, j + 1).Sum(k => factor[i][k] * factor[j][k]), 1e-12 * size);
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void The_solution_is_one(int size)
    {
        var (matrix, random) = (Matrix(size), new Random(1));
        double[] solution = [.. Enumerable.Range(0, size).Select(_ => random.NextDouble() - .5)];
        double[] vector = [.. Enumerable.Range(0, size).Select(i => Enumerable.Range(0, size)
            .Sum(j => matrix[Math.Max(i, j)][Math.Min(i, j)] * solution[j]))];
        Assert.True(Cholesky.Factor(matrix));
        Cholesky.Solve(matrix, vector);
        Assert.All(solution.Zip(vector), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_matrix_that_is_not_positive_definite_has_none_and_stays(double own)
    {
        foreach (var size in new[] { 1, 16, 40 })
        {
            for (var at = 0; at < size; at++)
            {
                var matrix = Matrix(size);
                // With 0 in its place, the diagonal is too small for what is beside it.
                matrix[at][at] = own;
                double[][] copy = [.. matrix.Select(row => row.ToArray())];
                Assert.False(Cholesky.Factor(matrix));
                Assert.Equal(copy, matrix);
            }
        }
    }

    [Fact]
    public void What_is_beside_the_diagonal_may_be_no_number_either()
    {
        for (var at = 1; at < 40; at++)
        {
            var matrix = Matrix(40);
            matrix[at][at / 2] = double.NaN;
            Assert.False(Cholesky.Factor(matrix));
        }
    }

    /// <summary>Mean products of a few more numbers than there are columns, which is positive definite.</summary>
    private static double[][] Matrix(int size)
    {
        var random = new Random(size);
        double[][] rows = [.. Enumerable.Range(0, size).Select(_ => Enumerable.Range(0, size + 5)
            .Select(_ => random.NextDouble() - .5).ToArray())];
        return [.. rows.Select((row, i) => rows[..(i + 1)].Select(other => row.Zip(other, (a, b) => a * b).Sum()).ToArray())];
    }
}
