namespace FocalMlNet.Splits;

/// <summary>
/// Finds groups for each part that together have all classes, whatever else the parts should be like, by trying one part after another and
/// going back where that leads nowhere. Every way is tried unless there are too many.
/// </summary>
internal sealed class GroupCover
{
    private readonly int[][] _kinds;
    private readonly int[] _left;
    private readonly int[] _groupsWith;
    private readonly bool[] _isWanted;
    private readonly int _rarest;
    private readonly long _most;
    private readonly Stack<(int Kind, int Part)> _taken = [];
    private long _steps;

    /// <param name="kinds">The groups.</param>
    /// <param name="partCount">The number of parts.</param>
    /// <param name="wanted">The classes that each part should have.</param>
    /// <param name="classCount">The number of classes.</param>
    /// <param name="most">Steps after which the search is given up.</param>
    public GroupCover(GroupKind[] kinds, int partCount, IEnumerable<int> wanted, int classCount, long most)
    {
        (PartCount, _most) = (partCount, most);
        _isWanted = new bool[classCount];
        foreach (var k in wanted)
            _isWanted[k] = true;
        _kinds = [.. kinds.Select(kind => kind.Classes.Where(k => _isWanted[k]).ToArray())];
        _left = [.. kinds.Select(kind => kind.Groups.Length)];
        _groupsWith = new int[classCount];
        for (var t = 0; t < kinds.Length; t++)
        {
            foreach (var k in _kinds[t])
                _groupsWith[k] += _left[t];
        }

        _rarest = Enumerable.Range(0, classCount).Where(k => _isWanted[k]).MinBy(k => _groupsWith[k]);
    }

    private int PartCount { get; }

    /// <summary>Whether there is a way, or null if that was not found out.</summary>
    public bool? Exists()
    {
        if (_isWanted.Index().Any(k => k.Item && _groupsWith[k.Index] < PartCount))
            return false;
        return Fill(0, new int[_isWanted.Length], 0) ? true : _steps > _most ? null : false;
    }

    /// <summary>The groups that were found, and their parts.</summary>
    public IEnumerable<(int Kind, int Part)> Found => _taken;

    /// <summary>Finds groups for a part and all after it.</summary>
    /// <param name="part">The number of the part.</param>
    /// <param name="has">How many groups of the part have each class.</param>
    /// <param name="first">
    /// The first kind from which this part takes its group of the rarest class: parts are alike, so they may be in that order.
    /// </param>
    private bool Fill(int part, int[] has, int first)
    {
        if (part == PartCount)
            return true;
        // The missing class of which there are fewest groups: the rarest of all comes first.
        int[] open = has[_rarest] == 0 ? [_rarest] : [.. Enumerable.Range(0, has.Length).Where(k => _isWanted[k] && has[k] == 0)];
        if (open.Length == 0)
            return Fill(part + 1, new int[has.Length], first);
        var missing = open.MinBy(k => _groupsWith[k]);
        for (var t = missing == _rarest ? first : 0; t < _kinds.Length; t++)
        {
            if (_left[t] == 0 || Array.IndexOf(_kinds[t], missing) < 0)
                continue;
            if (++_steps > _most)
                return false;
            Take(t, 1, has);
            _taken.Push((t, part));
            if (IsEnoughLeft(part, has) && Fill(part, has, missing == _rarest ? t : first))
                return true;
            if (_steps > _most)
                return false;
            _taken.Pop();
            Take(t, -1, has);
        }

        return false;
    }

    private void Take(int kind, int by, int[] has)
    {
        _left[kind] -= by;
        foreach (var k in _kinds[kind])
        {
            _groupsWith[k] -= by;
            has[k] += by;
        }
    }

    /// <summary>Whether there are as many groups left of each class as parts that still want one.</summary>
    private bool IsEnoughLeft(int part, int[] has)
    {
        for (var k = 0; k < has.Length; k++)
        {
            if (_isWanted[k] && _groupsWith[k] < PartCount - part - (has[k] > 0 ? 1 : 0))
                return false;
        }

        return true;
    }
}
