namespace FocalMlNet.Splits;

/// <summary>Why groups cannot be dealt out such that each part has every class.</summary>
/// <param name="Classes">The classes that cannot all be in each part.</param>
/// <param name="GroupCount">The number of groups with rows of the class if it is one; else of all groups.</param>
/// <param name="IsCertain">Whether there is no way, or only none was found in the time there is.</param>
internal sealed record GroupFault(IReadOnlyList<int> Classes, int GroupCount, bool IsCertain);

/// <summary>
/// Deals rows out to parts, all rows of a group to the same part, so that each part has its share of every class as far as the groups
/// allow.
/// </summary>
/// <remarks>
/// Of all ways in which each part has rows of every class, the best is that with the least Σ over parts p and classes k of (n_pk / n_k -
/// s_p)², where n_pk of the n_k rows of a class are in the part and s_p is the part's share: each class counts the same, however rare. It
/// is found for certain where there are few groups, since then all ways are tried that could be better (17 groups in two parts, 11 in
/// three, 8 in five, and more where groups are alike). Else groups are dealt out one by one, from the largest on, and then exchanged until
/// no move of a group and no exchange of two is better, the whole in several orders, or 4 million pairs have been compared.
/// </remarks>
internal static class GroupStratification
{
    private const long MostSteps = 500_000;
    private const long MostPairs = 4_000_000;

    /// <summary>Orders of the groups that are tried.</summary>
    private const int MostAttempts = 30;

    /// <summary>The most ways, as a power of 2, of which a search may see all, since it leaves out most of them.</summary>
    private const int MostBitsToSearch = 32;

    /// <summary>Deals out.</summary>
    /// <param name="classes">The class of each row.</param>
    /// <param name="classCount">The number of classes; each has a row.</param>
    /// <param name="groups">The group of each row.</param>
    /// <param name="groupCount">The number of groups; one may be without rows.</param>
    /// <param name="shares">The share of each part; their sum is 1.</param>
    /// <param name="seed">Which of several ways that are as good, and which part is which of those with equal shares.</param>
    /// <param name="fault">Why there is no way; null if there is one.</param>
    /// <returns>The part of each row; empty if there is no way.</returns>
    public static ushort[] Deal(
        ReadOnlySpan<int> classes, int classCount, ReadOnlySpan<int> groups, int groupCount, double[] shares, int seed,
        out GroupFault? fault)
    {
        var totals = new int[classCount];
        foreach (var k in classes)
            totals[k]++;
        var kinds = GroupKind.Of(classes, totals, groups, groupCount);
        var random = new Random(seed);
        fault = TooFewGroups(kinds, classCount, shares.Length);
        if (fault is not null)
            return [];

        double[] lowest = [.. totals.Select(total => LeastDistance(total, shares))];
        var count = kinds.Sum(kind => kind.Groups.Length);
        var empty = new GroupParts(kinds, shares, classCount);
        var parts = Exchanged(empty, [], lowest.Sum(), random);
        if (parts.Missing > 0)
        {
            var cover = new GroupCover(kinds, shares.Length, Enumerable.Range(0, classCount), classCount, MostSteps);
            var exists = cover.Exists();
            if (exists != true)
            {
                int[] involved = exists is null ? [.. Enumerable.Range(0, classCount)] : Conflict(kinds, classCount, shares.Length);
                fault = new(involved, count, IsCertain: exists is not null);
                return [];
            }

            parts = Exchanged(empty, [.. cover.Found], lowest.Sum(), random);
        }

        if (parts.Distance > lowest.Sum() + GroupParts.Rounding && count * Math.Log2(shares.Length) <= MostBitsToSearch)
            parts = new GroupSearch(parts, lowest, MostSteps).Run();

        var partOf = parts.PartOfGroup(groupCount, random);
        var names = Renamed(shares, random);
        var result = new ushort[classes.Length];
        for (var i = 0; i < result.Length; i++)
            result[i] = names[partOf[groups[i]]];
        return result;
    }

    /// <summary>
    /// Deals groups out and exchanges them, from the largest on, and then in other orders as long as there is time; the best of it.
    /// </summary>
    /// <param name="empty">Parts without groups.</param>
    /// <param name="given">Groups that begin in a part.</param>
    /// <param name="lowest">A distance that cannot be undercut.</param>
    /// <param name="random">The orders.</param>
    private static GroupParts Exchanged(GroupParts empty, (int Kind, int Part)[] given, double lowest, Random random)
    {
        int[] left = [.. empty.Kinds.Select(kind => kind.Groups.Length)];
        foreach (var (kind, _) in given)
            left[kind]--;
        int[] order = [.. Enumerable.Range(0, left.Length)];
        random.Shuffle(order);
        order = [.. order.OrderByDescending(kind => empty.Kinds[kind].Square)];
        GroupParts? best = null;
        long looked = 0;
        for (var attempt = 0; attempt < MostAttempts && (best is null || looked < MostPairs / 2); attempt++)
        {
            var parts = empty.Emptied();
            foreach (var (kind, part) in given)
                parts.Add(kind, part);
            foreach (var kind in order)
            {
                for (var i = 0; i < left[kind]; i++)
                    parts.AddWhereLeast(kind);
            }

            var exchange = new GroupExchange(parts);
            exchange.Run(lowest, MostPairs - looked);
            looked += exchange.Compared + (long)order.Length * parts.Count;
            if (best is null || parts.IsBetterThan(best))
                best = parts;
            if (best.Missing == 0 && best.Distance <= lowest + GroupParts.Rounding)
                break;
            random.Shuffle(order);
        }

        return best!;
    }

    private static GroupFault? TooFewGroups(GroupKind[] kinds, int classCount, int partCount)
    {
        var groupsWith = new int[classCount];
        foreach (var kind in kinds)
        {
            foreach (var k in kind.Classes)
                groupsWith[k] += kind.Groups.Length;
        }

        var rarest = Array.IndexOf(groupsWith, groupsWith.Min());
        return groupsWith[rarest] < partCount ? new([rarest], groupsWith[rarest], IsCertain: true) : null;
    }

    /// <summary>Of classes that cannot all be in each part, so few that without any one of them there would be a way.</summary>
    private static int[] Conflict(GroupKind[] kinds, int classCount, int partCount)
    {
        List<int> left = [.. Enumerable.Range(0, classCount)];
        for (var k = 0; k < classCount; k++)
        {
            int[] others = [.. left.Where(other => other != k)];
            if (others.Length > 0 && new GroupCover(kinds, partCount, others, classCount, MostSteps / 20).Exists() == false)
                left.Remove(k);
        }

        return [.. left];
    }

    /// <summary>The least distance of a class if rows could be dealt out one by one.</summary>
    private static double LeastDistance(int total, double[] shares)
        => Stratification.Apportion(total, shares, new double[shares.Length])
            .Zip(shares, (n, share) => Math.Pow((double)n / total - share, 2)).Sum();

    /// <summary>Other numbers for the parts, in which those with equal shares have changed places.</summary>
    private static ushort[] Renamed(double[] shares, Random random)
    {
        int[] order = [.. Enumerable.Range(0, shares.Length)];
        random.Shuffle(order);
        var names = new ushort[shares.Length];
        var inOrder = Enumerable.Range(0, shares.Length).OrderBy(part => shares[part]);
        foreach (var (from, to) in order.OrderBy(part => shares[part]).Zip(inOrder))
            names[from] = (ushort)to;
        return names;
    }
}
