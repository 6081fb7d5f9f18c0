namespace ImbalancedBinary;

/// <summary>What keeps one-hot encoding within bounds.</summary>
internal static class OneHotLimits
{
    private const int MostValues = 200;
    private const int MostFeatures = 2000;

    /// <summary>Refuses text columns with so many different values that each would become a feature of its own for a few rows.</summary>
    public static void Check(Table table, IReadOnlyCollection<int> columns)
    {
        var allValues = new HashSet<string>();
        foreach (var column in columns)
        {
            var values = table.Rows.Select(row => row.Cells[column]).ToHashSet();
            if (values.Count > MostValues)
            {
                throw new UserErrorException(
                    $"Text column '{table.Columns[column]}' of '{table.File}' has {values.Count} different values, but {MostValues} is "
                        + "the most that is one-hot encoded: leave it out with --ignore.");
            }

            allValues.UnionWith(values);
        }

        // All text columns share one list of values: there is a feature for each pair of a column and a value.
        var features = columns.Count * allValues.Count;
        if (features > MostFeatures)
        {
            throw new UserErrorException(
                $"The {columns.Count} text columns of '{table.File}' would become {features} features, but {MostFeatures} is the most: "
                    + "leave some out with --ignore.");
        }
    }
}
