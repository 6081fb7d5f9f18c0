using System.Runtime.CompilerServices;

namespace FocalMlNet.Matrix;

/// <summary>
/// Decides which rows are held out of training: of each run of 1 / share rows of a class one at random, so that the classes keep their
/// shares. Of rows that are grouped, a group counts as one row, its first, and the others go with it.
/// </summary>
internal sealed class HoldOut
{
    private readonly double _share;
    private readonly long[] _seen;
    private readonly double[] _targets;

    /// <summary>Which groups are held out, as far as they have turned up.</summary>
    private readonly List<bool?> _ofGroup = [];
    private readonly Random _random;

    /// <param name="share">The share to hold out, below 1.</param>
    /// <param name="seed">Seed of the choice.</param>
    /// <param name="classCount">The number of classes.</param>
    public HoldOut(double share, int seed, int classCount)
    {
        (_share, _random, _seen) = (share, new Random(seed), new long[classCount]);
        _targets = [.. _seen.Select(_ => _random.NextDouble())];
    }

    /// <summary>Whether the next row is held out.</summary>
    /// <param name="k">Its class.</param>
    /// <param name="group">The number of its group; -1 if the rows are not grouped.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
        if (_targets[k] >= _seen[k] * _share)
            return false;
        _targets[k] = Math.Floor(_targets[k]) + 1 + _random.NextDouble();
        return true;
    }
}
