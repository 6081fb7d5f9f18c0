namespace FocalMlNet.Data;

/// <summary>Deals rows out to parts so that each part has its share of every class.</summary>
internal static class Stratification
{
    /// <summary>What a product of shares and counts may be off by rounding.</summary>
    private const double Rounding = 1e-9;

    /// <summary>
    /// Row by row: of n rows of a class a part with share s gets n s rounded down or up, and at least one if there are as many rows as parts. What
    /// is rounded up where is chosen such that the sizes of the parts come out too.
    /// </summary>
    /// <param name="classes">The class of each row.</param>
    /// <param name="classCount">The number of classes.</param>
    /// <param name="shares">The share of each part; their sum is 1.</param>
    /// <param name="seed">Which rows of a class go to which part.</param>
    /// <returns>The part of each row.</returns>
    public static ushort[] ByRow(ReadOnlySpan<int> classes, int classCount, double[] shares, int seed)
    {
        var random = new Random(seed);
        var parts = new ushort[classes.Length];
        var owed = new double[shares.Length];
        foreach (var rows in RowsOf(classes, classCount))
        {
            random.Shuffle(rows);
            var counts = Apportion(rows.Length, shares, owed);
            var next = 0;
            for (var part = 0; part < counts.Length; part++)
            {
                for (var i = 0; i < counts[part]; i++)
                    parts[rows[next++]] = (ushort)part;
            }
        }

        return parts;
    }

    /// <summary>
    /// Group by group: the rows of a group stay together. From those that hold the largest shares of a class to the smallest, each group goes where it lessens most
    /// the squared distance of the parts' shares of the classes from what they should be. Then a part without a class takes the group of another part that this costs least,
    /// if that part has the classes of the group a second time.
    /// </summary>
    /// <param name="classes">The class of each row.</param>
    /// <param name="classCount">The number of classes.</param>
    /// <param name="groups">The group of each row.</param>
    /// <param name="groupCount">The number of groups.</param>
    /// <param name="shares">The share of each part; their sum is 1.</param>
    /// <param name="seed">The order of groups that are alike.</param>
    /// <returns>The part of each row.</returns>
    public static ushort[] ByGroup(ReadOnlySpan<int> classes, int classCount, ReadOnlySpan<int> groups, int groupCount, double[] shares, int seed)
    {
        var totals = new double[classCount];
        var contents = new double[groupCount][];
        for (var g = 0; g < groupCount; g++)
            contents[g] = new double[classCount];
        for (var i = 0; i < classes.Length; i++)
        {
            totals[classes[i]]++;
            contents[groups[i]][classes[i]]++;
        }

        foreach (var content in contents)
        {
            for (var k = 0; k < classCount; k++)
                content[k] /= totals[k];
        }

        int[] order = [.. Enumerable.Range(0, groupCount)];
        new Random(seed).Shuffle(order);
        var lacking = shares.Select(share => Enumerable.Repeat(share, classCount).ToArray()).ToArray();
        var partOfGroup = new ushort[groupCount];
        // A stable sort: groups that are alike stay in random order.
        foreach (var g in order.OrderByDescending(g => contents[g].Sum(c => c * c)))
        {
            var best = Enumerable.Range(0, shares.Length).MinBy(part => Change(contents[g], lacking[part]));
            partOfGroup[g] = (ushort)best;
            for (var k = 0; k < classCount; k++)
                lacking[best][k] -= contents[g][k];
        }

        GiveEachPartEachClass(contents, partOfGroup, lacking);
        var parts = new ushort[classes.Length];
        for (var i = 0; i < parts.Length; i++)
            parts[i] = partOfGroup[groups[i]];
        return parts;
    }

    private static void GiveEachPartEachClass(double[][] contents, ushort[] partOfGroup, double[][] lacking)
    {
        var groupsWith = lacking.Select(classes => new int[classes.Length]).ToArray();
        for (var g = 0; g < contents.Length; g++)
            Count(g, 1);
        for (var part = 0; part < lacking.Length; part++)
        {
            for (var k = 0; k < lacking[part].Length; k++)
            {
                if (groupsWith[part][k] > 0)
                    continue;
                // What a part can spare it has twice, so no part loses a class.
                var spare = Enumerable.Range(0, contents.Length).Where(g => contents[g][k] > 0 && CanSpare(g)).ToArray();
                if (spare.Length > 0)
                    Move(spare.MinBy(g => Change(contents[g], lacking[part]) + ChangeWithout(contents[g], lacking[partOfGroup[g]])), part);
            }
        }

        bool CanSpare(int g) => contents[g].Index().All(c => c.Item == 0 || groupsWith[partOfGroup[g]][c.Index] > 1);

        void Count(int g, int by)
        {
            for (var k = 0; k < contents[g].Length; k++)
                groupsWith[partOfGroup[g]][k] += contents[g][k] > 0 ? by : 0;
        }

        void Move(int g, int to)
        {
            Count(g, -1);
            for (var k = 0; k < contents[g].Length; k++)
            {
                lacking[partOfGroup[g]][k] += contents[g][k];
                lacking[to][k] -= contents[g][k];
            }

            partOfGroup[g] = (ushort)to;
            Count(g, 1);
        }
    }

    /// <summary>What Σ lacking² becomes larger by if this is taken away from it.</summary>
    private static double Change(double[] content, double[] lacking)
    {
        double sum = 0;
        for (var k = 0; k < content.Length; k++)
            sum += content[k] * (content[k] - 2 * lacking[k]);
        return sum;
    }

    /// <summary>What Σ lacking² becomes larger by if this is given back to it.</summary>
    private static double ChangeWithout(double[] content, double[] lacking)
    {
        double sum = 0;
        for (var k = 0; k < content.Length; k++)
            sum += content[k] * (content[k] + 2 * lacking[k]);
        return sum;
    }

    private static int[] Apportion(int count, double[] shares, double[] owed)
    {
        var counts = new int[shares.Length];
        var rests = new double[shares.Length];
        for (var part = 0; part < shares.Length; part++)
        {
            var quota = count * shares[part];
            counts[part] = (int)Math.Floor(quota + Rounding);
            rests[part] = quota - counts[part];
            owed[part] += rests[part];
        }

        var left = count - counts.Sum();
        foreach (var part in Enumerable.Range(0, shares.Length).Where(part => rests[part] > Rounding).OrderByDescending(part => owed[part]).Take(left))
        {
            counts[part]++;
            owed[part]--;
        }

        while (count >= shares.Length && Array.IndexOf(counts, 0) is var empty and >= 0)
        {
            var largest = Array.IndexOf(counts, counts.Max());
            counts[largest]--;
            counts[empty]++;
            owed[largest]++;
            owed[empty]--;
        }

        return counts;
    }

    private static int[][] RowsOf(ReadOnlySpan<int> classes, int classCount)
    {
        var counts = new int[classCount];
        foreach (var k in classes)
            counts[k]++;
        var rows = counts.Select(count => new int[count]).ToArray();
        for (var i = classes.Length - 1; i >= 0; i--)
            rows[classes[i]][--counts[classes[i]]] = i;
        return rows;
    }
}
