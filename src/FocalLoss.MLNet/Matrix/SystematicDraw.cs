namespace FocalMlNet.Matrix;

/// <summary>
/// Systematic sampling: what is expected x times comes ⌊x⌋ or ⌈x⌉ times, and all that have come by then together as often as expected, but
/// for less than one.
/// </summary>
/// <param name="start">Where it begins, in (-1; 0]; with a random number that is even there each chance is exact.</param>
internal sealed class SystematicDraw(double start)
{
    private double _reached = start;
    private long _drawn;

    /// <summary>How often the next one comes.</summary>
    /// <param name="expected">How often it is expected, at least 0.</param>
    public int Next(double expected)
    {
        _reached += expected;
        var before = _drawn;
        while (_drawn < _reached)
            _drawn++;
        return (int)(_drawn - before);
    }
}
