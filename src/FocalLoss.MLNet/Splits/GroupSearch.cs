namespace FocalMlNet.Splits;

/// <summary>
/// Looks for the best parts of all there are, by branch and bound: groups get their parts one after another, and what cannot become better
/// than the best found before is not followed.
/// </summary>
internal sealed class GroupSearch
{
    private readonly GroupParts _given;
    private readonly double[] _lowest;
    private readonly int[] _order;
    private readonly int[][] _groupsLeftWith;
    private readonly GroupParts _parts;
    private readonly int[] _partOf;
    private readonly long _most;
    private int[]? _best;
    private double _least;
    private long _steps;

    /// <param name="given">The parts to beat; each has every class.</param>
    /// <param name="lowest">For each class a distance that cannot be undercut.</param>
    /// <param name="most">Steps after which the search is given up.</param>
    public GroupSearch(GroupParts given, double[] lowest, long most)
    {
        (_given, _lowest, _most) = (given, lowest, most);
        _least = given.Distance;
        // The largest first: they decide most.
        _order = [.. Enumerable.Range(0, given.Kinds.Length).OrderByDescending(kind => given.Kinds[kind].Square)
            .SelectMany(kind => Enumerable.Repeat(kind, given.Kinds[kind].Groups.Length))];
        _partOf = new int[_order.Length];
        _groupsLeftWith = new int[_order.Length + 1][];
        _groupsLeftWith[^1] = new int[given.ClassCount];
        for (var i = _order.Length - 1; i >= 0; i--)
        {
            _groupsLeftWith[i] = [.. _groupsLeftWith[i + 1]];
            foreach (var k in given.Kinds[_order[i]].Classes)
                _groupsLeftWith[i][k]++;
        }

        _parts = given.Emptied();
    }

    /// <summary>The best parts that were found; those that were given, if none are better.</summary>
    public GroupParts Run()
    {
        Place(0);
        if (_best is null)
            return _given;
        var parts = _given.Emptied();
        for (var i = 0; i < _order.Length; i++)
            parts.Add(_order[i], _best[i]);
        return parts;
    }

    private void Place(int i)
    {
        if (i == _order.Length)
        {
            if (_parts.Missing > 0 || _parts.Distance >= _least - GroupParts.Rounding)
                return;
            (_least, _best) = (_parts.Distance, [.. _partOf]);
            return;
        }

        // Groups of a kind go to parts in their order, and of empty parts that are alike only the first gets a group: all else is the same
        // again.
        var first = i > 0 && _order[i] == _order[i - 1] ? _partOf[i - 1] : 0;
        for (var part = first; part < _parts.Count && _steps < _most; part++)
        {
            if (part > 0 && _parts.IsEmpty(part) && _parts.IsEmpty(part - 1) && _parts.Shares[part] == _parts.Shares[part - 1])
                continue;
            _steps++;
            _parts.Add(_order[i], part);
            _partOf[i] = part;
            if (CanBeBetter(i + 1))
                Place(i + 1);
            _parts.Remove(_order[i], part);
        }
    }

    /// <summary>Whether what is still to be placed can give every part every class, and less distance than the best.</summary>
    private bool CanBeBetter(int next)
    {
        double bound = 0;
        for (var k = 0; k < _parts.ClassCount; k++)
        {
            double squares = 0, tooMuch = 0;
            int open = 0, without = 0;
            for (var part = 0; part < _parts.Count; part++)
            {
                var lacking = _parts.Lacking(part)[k];
                without += _parts.Has(part, k) ? 0 : 1;
                if (lacking >= 0)
                {
                    open++;
                    continue;
                }

                squares += lacking * lacking;
                tooMuch -= lacking;
            }

            if (without > _groupsLeftWith[next][k])
                return false;
            // What some parts have too much others will lack, at best all of them the same.
            if (open > 0)
                squares += tooMuch * tooMuch / open;
            bound += Math.Max(squares, _lowest[k]);
        }

        return bound < _least - GroupParts.Rounding;
    }
}
