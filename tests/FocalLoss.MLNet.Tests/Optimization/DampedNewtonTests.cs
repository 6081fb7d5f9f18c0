using FocalMlNet.Optimization;

namespace FocalMlNet.Tests.Optimization;

public sealed class DampedNewtonTests
{
    private const double Tolerance = 1e-9;

    /// <summary>
    /// A value of about 1,000 in single precision does not tell 5e-3 from the minimum, where it is 1.25e-5 lower; the slope does.
    /// </summary>
    [Fact]
    public void Where_rounding_hides_the_gain_of_a_step_its_slope_tells()
    {
        var calls = 0;
        var newton = new DampedNewton(Function, _ => new Unit(), damping: 1e-4);
        var (end, gap) = newton.Minimize(SolverState.At([5e-3], Function), mostCalls: 100, Tolerance, _ => true);
        Assert.InRange(end.Point[0], -1e-5, 1e-5);
        Assert.NotNull(gap);
        Assert.InRange(gap.Value, 0, Tolerance);
        Assert.InRange(calls, 2, 5);

        double Function(ReadOnlySpan<double> point, Span<double> gradient)
        {
            calls++;
            gradient[0] = point[0];
            return (float)(1000 + point[0] * point[0] / 2);
        }
    }

    /// <summary>A slope that does not fall is no reason to go on: here it is one of chance.</summary>
    [Fact]
    public void A_slope_of_chance_ends_where_it_began()
    {
        var random = new Random(1);
        var newton = new DampedNewton(Function, _ => new Unit(), damping: 1e-4);
        var (end, gap) = newton.Minimize(SolverState.At([0], Function), mostCalls: 1000, Tolerance, _ => true);
        Assert.InRange(end.Calls, 1, 100);
        Assert.True(gap is null or > Tolerance);

        double Function(ReadOnlySpan<double> point, Span<double> gradient)
        {
            gradient[0] = .01 + .001 * random.NextDouble();
            return 1000;
        }
    }

    /// <summary>The second derivative of half a square.</summary>
    private sealed class Unit : ICurvature
    {
        public (double[] Step, bool IsWhole) Solve(ReadOnlySpan<double> gradient, double damping)
            => ([gradient[0] / (1 + damping)], true);

        public double SquareInD(ReadOnlySpan<double> step) => step[0] * step[0];
    }
}
