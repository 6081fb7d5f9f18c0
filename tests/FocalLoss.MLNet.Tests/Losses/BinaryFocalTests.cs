
using System.Globalization;

namespace FocalMlNet.Tests.Losses;

public sealed class BinaryFocalTests
{
    [Fact]
    public void Loss_and_both_derivatives_equal_the_reference_to_twelve_digits()
    {
        var rows = 0;
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Reference", "focal-binary.csv")).Skip(1))
        {
            var cells = line.Split(',').Select(cell => double.Parse(cell, CultureInfo.InvariantCulture)).ToArray();
            var (s, γ, weight) = (cells[1] == 1 ? cells[0] : -cells[0], cells[2], cells[1] == 1 ? cells[3] : 1 - cells[3]);
            var sign = cells[1] == 1 ? 1 : -1;
            // The file takes α as written; 1 - α of the double nearest to .9 is off by 2e-16 of 1.
            LossChecks.AssertRelative(cells[4], weight * BinaryFocal.Loss(s, γ), 1e-12, line);
            LossChecks.AssertRelative(cells[5], sign * weight * BinaryFocal.Derivative(s, γ), 1e-12, line);
            LossChecks.AssertRelative(cells[6], weight * BinaryFocal.SecondDerivative(s, γ), 1e-12, line);
            rows++;
        }

        Assert.Equal(612, rows);
    }

    [Fact]
    public void Derivatives_are_those_that_differences_give()
    {
        var random = new Random(1);
        for (var i = 0; i < 5000; i++)
        {
            var (s, γ) = (40 * random.NextDouble() - 20, LossChecks.SomeGamma(random));
            LossChecks.AssertDerivative(x => BinaryFocal.Loss(x, γ), s, BinaryFocal.Derivative(s, γ), $"s {s}, γ {γ}");
            LossChecks.AssertDerivative(x => BinaryFocal.Derivative(x, γ), s, BinaryFocal.SecondDerivative(s, γ), $"s {s}, γ {γ}, second");
        }
    }

    [Theory]
    // Design, part 6.
    [InlineData(.5, .018)]
    [InlineData(1, .043)]
    [InlineData(2, .058)]
    [InlineData(5, .050)]
    public void The_loss_is_concave_below_a_known_probability(double γ, double p)
    {
        Assert.True(BinaryFocal.SecondDerivative(Logit(p - .0005), γ) < 0);
        Assert.True(BinaryFocal.SecondDerivative(Logit(p + .0005), γ) > 0);

        static double Logit(double p) => Math.Log(p / (1 - p));
    }

    [Theory]
    [InlineData(1, 1.045, .390)]
    [InlineData(2, 1.129, .496)]
    [InlineData(5, 1.315, .701)]
    [InlineData(0, 1, .25)]
    public void The_largest_slope_and_curvature_are_the_known_ones(double γ, double slope, double curvature)
    {
        double largestSlope = 0, largestCurvature = 0;
        for (var s = -40.0; s <= 40; s += .001)
        {
            largestSlope = Math.Max(largestSlope, -BinaryFocal.Derivative(s, γ));
            largestCurvature = Math.Max(largestCurvature, BinaryFocal.SecondDerivative(s, γ));
        }

        Assert.Equal(slope, largestSlope, 5e-4);
        Assert.Equal(curvature, largestCurvature, 5e-4);
    }
}
