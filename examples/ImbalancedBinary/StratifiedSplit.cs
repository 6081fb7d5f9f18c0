namespace ImbalancedBinary;

/// <summary>Splits so that both parts have the same share of positives: a plain random split of a few positives may not.</summary>
internal static class StratifiedSplit
{
    /// <summary>Draws <paramref name="testFraction"/> of each class, but at least one row, for testing; the rest is for training.</summary>
    public static (IReadOnlyList<Example> Train, IReadOnlyList<Example> Test) Of(Dataset data, double testFraction, int seed)
    {
        var shuffled = data.Examples.ToArray();
        new Random(seed).Shuffle(shuffled);

        var test = new HashSet<Example>();
        foreach (var rowsOfClass in shuffled.ToLookup(example => example.Label))
        {
            var count = Math.Max(1, (int)Math.Round(testFraction * rowsOfClass.Count()));
            test.UnionWith(rowsOfClass.Take(count));
        }

        return ([.. shuffled.Where(example => !test.Contains(example))], [.. shuffled.Where(test.Contains)]);
    }
}
