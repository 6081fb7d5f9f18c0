using System.Runtime.CompilerServices;

namespace FocalMlNet.Matrix;

/// <summary>
/// Systematic sampling: what is expected x times comes ⌊x⌋ or ⌈x⌉ times, where the sum of what is expected passes whole numbers, and all
/// that have come by then together as often as expected, but for less than one.
/// </summary>
/// <param name="start">Where the sum begins; with a random number that is even over a unit each chance is exact.</param>
internal struct SystematicDraw(double start)
{
    /// <summary>The golden section: its multiples, less whole numbers, are spread as evenly as can be.</summary>
    private const double GoldenSection = .6180339887498949;

    private double _reached = start;

    /// <summary>
    /// Where the draw of each of many blocks may begin, so that they need not wait for each other: spread as evenly as can be.
    /// </summary>
    public static double StartOf(int block) => block * GoldenSection % 1;

    /// <summary>Draws from some rows, each at most once.</summary>
    /// <param name="chances">The rows' chances, at most 1; begins with those of the rows that were drawn afterwards.</param>
    /// <param name="start">Where the draw begins.</param>
    /// <param name="drawn">Receives which rows were drawn; has room for all.</param>
    /// <returns>How many were drawn.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Draw(Span<double> chances, double start, Span<int> drawn)
    {
        var (draw, found) = (new SystematicDraw(start), 0);
        for (var i = 0; i < chances.Length; i++)
        {
            if (draw.Next(chances[i]) == 0)
                continue;
            (drawn[found], chances[found]) = (i, chances[i]);
            found++;
        }

        return found;
    }

    /// <summary>How often the next one comes.</summary>
    /// <param name="expected">How often it is expected, at least 0.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Next(double expected)
    {
        var before = Math.Floor(_reached);
        _reached += expected;
        return (int)(Math.Floor(_reached) - before);
    }
}
