namespace FocalMlNet.Report;

/// <summary>
/// Leaves out points of a curve that a straight line between its neighbours shows as well (the sleeve of Zhao and Saalfeld, "Linear-time
/// sleeve-fitting polyline simplification algorithms", 1997): from a point on, as long as one direction passes near all that follow.
/// </summary>
internal static class Thinning
{
    /// <summary>Marks the points that are needed; first and last among them.</summary>
    /// <param name="x">Of point i.</param>
    /// <param name="y">Of point i.</param>
    /// <param name="needed">One for each point; those that are set stay so.</param>
    /// <param name="tolerance">How far the lines may be from a point that is left out, in the unit of both axes.</param>
    public static void Mark(Func<int, double> x, Func<int, double> y, bool[] needed, double tolerance)
    {
        var last = needed.Length - 1;
        needed[0] = needed[last] = true;
        // Half for the direction, half for how far a curve may turn back.
        var width = tolerance / 2;
        var anchor = 0;
        double low = double.NegativeInfinity, high = double.PositiveInfinity, farthest = 0;
        for (var i = 1; i <= last; i++)
        {
            double dx = x(i) - x(anchor), dy = y(i) - y(anchor), distance = Math.Sqrt(dx * dx + dy * dy);
            if (distance > width)
            {
                var (angle, spread) = (Math.Atan2(dy, dx), Math.Asin(width / distance));
                if (angle < low || angle > high || distance < farthest - width)
                {
                    anchor = i - 1;
                    needed[anchor] = true;
                    (low, high, farthest) = (double.NegativeInfinity, double.PositiveInfinity, 0);
                    i--;
                    continue;
                }

                (low, high) = (Math.Max(low, angle - spread), Math.Min(high, angle + spread));
            }
            else if (farthest > 2 * width)
            {
                anchor = i - 1;
                needed[anchor] = true;
                (low, high, farthest) = (double.NegativeInfinity, double.PositiveInfinity, 0);
                i--;
                continue;
            }

            farthest = Math.Max(farthest, distance);
        }
    }

    /// <summary>A thinned curve of at most so many points.</summary>
    public static (double[] X, double[] Y) Of(double[] x, double[] y, double tolerance, int most)
    {
        for (; ; tolerance *= 1.5)
        {
            var needed = new bool[x.Length];
            Mark(i => x[i], i => y[i], needed, tolerance);
            if (needed.Count(is_ => is_) <= most)
                return ([.. x.Where((_, i) => needed[i])], [.. y.Where((_, i) => needed[i])]);
        }
    }
}
