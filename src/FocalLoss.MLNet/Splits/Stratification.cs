namespace FocalMlNet.Splits;

/// <summary>Deals rows out to parts so that each part has its share of every class.</summary>
internal static class Stratification
{
    /// <summary>What a product of shares and counts may be off by rounding.</summary>
    private const double Rounding = 1e-9;

    /// <summary>
    /// Row by row: of n rows of a class a part with share s gets n s rounded down or up, and at least one if there are as many rows as
    /// parts. What is rounded up where is chosen such that the sizes of the parts come out too.
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
        var groups = new RowGroups(classes, classCount);
        for (var k = 0; k < classCount; k++)
        {
            var rows = groups[k];
            random.Shuffle(rows);
            var counts = Apportion(rows.Length, shares, owed);
            var next = 0;
            for (var part = 0; part < counts.Length; part++)
            {
                foreach (var row in rows.Slice(next, counts[part]))
                    parts[row] = (ushort)part;
                next += counts[part];
            }
        }

        return parts;
    }

    /// <summary>Shares of a count in whole numbers, as near as they come, and none of them 0 if that can be.</summary>
    /// <param name="count">What is shared out.</param>
    /// <param name="shares">The shares; their sum is 1.</param>
    /// <param name="owed">What each part got too little before: who is owed most gets what is left over. It is brought up to date.</param>
    public static int[] Apportion(int count, double[] shares, double[] owed)
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
        foreach (var part in Enumerable.Range(0, shares.Length).Where(part => rests[part] > Rounding).OrderByDescending(part => owed[part])
            .Take(left))
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
}
