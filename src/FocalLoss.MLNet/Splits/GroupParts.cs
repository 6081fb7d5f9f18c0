namespace FocalMlNet.Splits;

/// <summary>Which groups are in which part, and how far the parts are from their shares of the classes.</summary>
internal sealed class GroupParts
{
    /// <summary>A change below this is rounding.</summary>
    public const double Rounding = 1e-12;

    private readonly double[][] _lacking;
    private readonly int[][] _groupsWith;
    private readonly Dictionary<int, int>[] _kindsIn;

    /// <summary>Empty parts.</summary>
    /// <param name="kinds">The groups.</param>
    /// <param name="shares">The share of each part; their sum is 1.</param>
    /// <param name="classCount">The number of classes.</param>
    public GroupParts(GroupKind[] kinds, double[] shares, int classCount)
    {
        (Kinds, Shares, ClassCount) = (kinds, shares, classCount);
        _lacking = [.. shares.Select(share => Enumerable.Repeat(share, classCount).ToArray())];
        _groupsWith = [.. shares.Select(_ => new int[classCount])];
        _kindsIn = [.. shares.Select(_ => new Dictionary<int, int>())];
        Missing = shares.Length * classCount;
    }

    public GroupKind[] Kinds { get; }

    public int Count => Shares.Length;

    public int ClassCount { get; }

    public double[] Shares { get; }

    /// <summary>How often a part has no row of a class.</summary>
    public int Missing { get; private set; }

    /// <summary>Σ over parts and classes of the square of the share that the part has of the class's rows, less its own share.</summary>
    public double Distance => _lacking.Sum(part => part.Sum(share => share * share));

    /// <summary>Whether fewer classes are missing, or as many and the distance is less.</summary>
    public bool IsBetterThan(GroupParts other)
        => Missing < other.Missing || (Missing == other.Missing && Distance < other.Distance - Rounding);

    /// <summary>What a part should have of each class, less what it has.</summary>
    public ReadOnlySpan<double> Lacking(int part) => _lacking[part];

    /// <summary>Whether a part has rows of a class.</summary>
    public bool Has(int part, int ofClass) => _groupsWith[part][ofClass] > 0;

    /// <summary>Whether a part has no groups.</summary>
    public bool IsEmpty(int part) => _kindsIn[part].Count == 0;

    /// <summary>Parts without groups, for the same groups and shares.</summary>
    public GroupParts Emptied() => new(Kinds, Shares, ClassCount);

    /// <summary>The kinds of groups that a part has.</summary>
    public int[] KindsIn(int part) => [.. _kindsIn[part].Keys];

    /// <summary>How many groups of a kind a part has.</summary>
    public int CountOf(int kind, int part) => _kindsIn[part].GetValueOrDefault(kind);

    /// <summary>Puts a group into a part.</summary>
    public void Add(int kind, int part)
    {
        _kindsIn[part][kind] = CountOf(kind, part) + 1;
        var (classes, shares) = (Kinds[kind].Classes, Kinds[kind].Shares);
        for (var i = 0; i < classes.Length; i++)
        {
            _lacking[part][classes[i]] -= shares[i];
            Missing -= _groupsWith[part][classes[i]]++ == 0 ? 1 : 0;
        }
    }

    /// <summary>Takes a group out of a part.</summary>
    public void Remove(int kind, int part)
    {
        if (--_kindsIn[part][kind] == 0)
            _kindsIn[part].Remove(kind);
        var (classes, shares) = (Kinds[kind].Classes, Kinds[kind].Shares);
        for (var i = 0; i < classes.Length; i++)
        {
            _lacking[part][classes[i]] += shares[i];
            Missing += --_groupsWith[part][classes[i]] == 0 ? 1 : 0;
        }
    }

    /// <summary>Puts a group where <see cref="Distance"/> becomes least, of equal parts into the first.</summary>
    public void AddWhereLeast(int kind)
    {
        var (best, least) = (0, double.PositiveInfinity);
        for (var part = 0; part < Count; part++)
        {
            // What is larger by s² + 2 s (-lacking).
            var change = -2 * Times(Kinds[kind], _lacking[part]);
            if (change < least - Rounding)
                (best, least) = (part, change);
        }

        Add(kind, best);
    }

    /// <summary>What a group has in common with numbers for each class: the sum of their products.</summary>
    public static double Times(GroupKind kind, ReadOnlySpan<double> ofClasses)
    {
        double sum = 0;
        for (var i = 0; i < kind.Classes.Length; i++)
            sum += kind.Shares[i] * ofClasses[kind.Classes[i]];
        return sum;
    }

    /// <summary>
    /// What a group of one part and one of another have in common, Σ of the products of their shares, and by how much <see cref="Missing"/>
    /// grows when they change places.
    /// </summary>
    /// <param name="from">A part.</param>
    /// <param name="given">A kind of group there; null for none, so that only the other group moves.</param>
    /// <param name="to">Another part.</param>
    /// <param name="taken">A kind of group there; null for none.</param>
    public (double Product, int MoreMissing) Exchange(int from, GroupKind? given, int to, GroupKind? taken)
    {
        double product = 0;
        var more = 0;
        int i = 0, j = 0;
        ReadOnlySpan<int> here = given is null ? [] : given.Classes;
        ReadOnlySpan<int> there = taken is null ? [] : taken.Classes;
        while (i < here.Length || j < there.Length)
        {
            if (j == there.Length || (i < here.Length && here[i] < there[j]))
                more += Moves(here[i++], from, to);
            else if (i == here.Length || there[j] < here[i])
                more += Moves(there[j++], to, from);
            else
                product += given!.Shares[i++] * taken!.Shares[j++];
        }

        return (product, more);
    }

    /// <summary>The part of each group.</summary>
    /// <param name="groupCount">The number of groups.</param>
    /// <param name="random">Which of the groups of a kind go where.</param>
    public int[] PartOfGroup(int groupCount, Random random)
    {
        var partOf = new int[groupCount];
        var next = new int[Kinds.Length];
        int[][] groups = [.. Kinds.Select(kind => (int[])kind.Groups.Clone())];
        Array.ForEach(groups, random.Shuffle);
        for (var part = 0; part < Count; part++)
        {
            foreach (var (kind, count) in _kindsIn[part])
            {
                for (var i = 0; i < count; i++)
                    partOf[groups[kind][next[kind]++]] = part;
            }
        }

        return partOf;
    }

    private int Moves(int ofClass, int from, int to) => (_groupsWith[from][ofClass] == 1 ? 1 : 0) - (_groupsWith[to][ofClass] == 0 ? 1 : 0);
}
