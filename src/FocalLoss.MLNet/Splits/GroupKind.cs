
using System.Runtime.InteropServices;

namespace FocalMlNet.Splits;

/// <summary>Groups that cannot be told apart: each has as many rows of each class.</summary>
/// <param name="Classes">The classes of which there are rows, in rising order.</param>
/// <param name="Shares">What share of all rows of each of these classes a group has.</param>
/// <param name="Groups">The numbers of the groups.</param>
internal sealed record GroupKind(int[] Classes, double[] Shares, int[] Groups)
{
    /// <summary>Σ shares²: the square of the group's length.</summary>
    public double Square { get; } = Shares.Sum(share => share * share);

    /// <summary>The kinds of groups that there are, in the order of their first groups.</summary>
    /// <param name="classes">The class of each row.</param>
    /// <param name="classTotals">The rows of each class.</param>
    /// <param name="groups">The group of each row.</param>
    /// <param name="groupCount">The number of groups; one may be without rows.</param>
    public static GroupKind[] Of(ReadOnlySpan<int> classes, int[] classTotals, ReadOnlySpan<int> groups, int groupCount)
    {
        var rows = new RowGroups(groups, groupCount);
        var kinds = new Dictionary<string, (int[] Content, List<int> Groups)>(StringComparer.Ordinal);
        var counts = new int[classTotals.Length];
        for (var g = 0; g < groupCount; g++)
        {
            var own = rows[g];
            if (own.IsEmpty)
                continue;
            foreach (var row in own)
                counts[classes[row]]++;
            var content = Content(counts, own, classes);
            // Equal contents as equal texts: the characters are the numbers' halves.
            var key = new string(MemoryMarshal.Cast<int, char>(content));
            if (!kinds.TryGetValue(key, out var kind))
                kinds.Add(key, kind = (content, []));
            kind.Groups.Add(g);
        }

        return [.. kinds.Values.Select(kind =>
        {
            int[] own = [.. kind.Content.Where((_, i) => i % 2 == 0)];
            return new GroupKind(own, [.. own.Select((k, i) => (double)kind.Content[2 * i + 1] / classTotals[k])], [.. kind.Groups]);
        })];
    }

    /// <summary>The classes of a group's rows, each followed by the number of its rows; the counts are cleared.</summary>
    private static int[] Content(int[] counts, ReadOnlySpan<int> rows, ReadOnlySpan<int> classes)
    {
        var content = new List<(int Class, int Count)>();
        foreach (var row in rows)
        {
            ref var count = ref counts[classes[row]];
            if (count > 0)
                content.Add((classes[row], count));
            count = 0;
        }

        content.Sort();
        return [.. content.SelectMany(c => (int[])[c.Class, c.Count])];
    }
}
