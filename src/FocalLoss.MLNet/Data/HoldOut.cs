namespace FocalMlNet.Data;

/// <summary>Decides which rows are held out of training: of each run of 1 / share rows of a class one at random, so that the classes keep their shares.</summary>
internal sealed class HoldOut(double share, int seed)
{
    private readonly long[] _seen = new long[2];
    private readonly double[] _targets = new double[2];
    private Random _random = new(seed);

    /// <summary>Begins again with the first row: the same rows are held out as before.</summary>
    public void Restart()
    {
        _random = new Random(seed);
        Array.Clear(_seen);
        _targets[0] = _random.NextDouble();
        _targets[1] = _random.NextDouble();
    }

    /// <summary>Whether the next row, of the given class, is held out.</summary>
    public bool Takes(bool label)
    {
        // Rows of a class lie side by side, each as wide as the share; of each unit of length one random point is a target.
        var k = label ? 1 : 0;
        _seen[k]++;
        if (_targets[k] >= _seen[k] * share)
            return false;
        _targets[k] = Math.Floor(_targets[k]) + 1 + _random.NextDouble();
        return true;
    }
}
