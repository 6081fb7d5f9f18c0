namespace FocalMlNet.Matrix;

/// <summary>
/// Systematic sampling: what is expected x times comes ⌊x⌋ or ⌈x⌉ times, where the sum of what is expected passes whole numbers, and all
/// that have come by then together as often as expected, but for less than one.
/// </summary>
/// <param name="start">Where the sum begins; with a random number that is even over a unit each chance is exact.</param>
internal struct SystematicDraw(double start)
{
    private double _reached = start;

    /// <summary>How often the next one comes.</summary>
    /// <param name="expected">How often it is expected, at least 0.</param>
    public int Next(double expected)
    {
        var before = Math.Floor(_reached);
        _reached += expected;
        return (int)(Math.Floor(_reached) - before);
    }
}
