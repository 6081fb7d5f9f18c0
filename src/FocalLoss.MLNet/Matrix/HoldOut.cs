namespace FocalMlNet.Matrix;

/// <summary>
/// Decides which rows are held out of training: of each run of 1 / share rows of a class one at random, so that the classes keep their
/// shares. Of rows that are grouped, a group counts as one row, its first, and the others go with it.
/// </summary>
/// <param name="share">The share to hold out, below 1.</param>
/// <param name="seed">Seed of the choice.</param>
/// <param name="classCount">The number of classes.</param>
internal sealed class HoldOut(double share, int seed, int classCount)
{
    private readonly long[] _seen = new long[classCount];
    private readonly double[] _targets = new double[classCount];

    /// <summary>Which groups are held out, as far as they have turned up.</summary>
    private readonly List<bool?> _ofGroup = [];
    private Random _random = new(seed);

    /// <summary>Begins again with the first row: the same rows are held out as before.</summary>
    public void Restart()
    {
        _random = new Random(seed);
        Array.Clear(_seen);
        _ofGroup.Clear();
        for (var k = 0; k < classCount; k++)
            _targets[k] = _random.NextDouble();
    }

    /// <summary>Whether the next row is held out.</summary>
    /// <param name="k">Its class.</param>
    /// <param name="group">The number of its group; -1 if the rows are not grouped.</param>
    public bool Takes(int k, int group = -1)
    {
        if (group < 0)
            return TakesNext(k);
        while (_ofGroup.Count <= group)
            _ofGroup.Add(null);
        return _ofGroup[group] ??= TakesNext(k);
    }

    private bool TakesNext(int k)
    {
        // Rows of a class lie side by side, each as wide as the share; of each unit of length one random point is a target.
        _seen[k]++;
        if (_targets[k] >= _seen[k] * share)
            return false;
        _targets[k] = Math.Floor(_targets[k]) + 1 + _random.NextDouble();
        return true;
    }
}
