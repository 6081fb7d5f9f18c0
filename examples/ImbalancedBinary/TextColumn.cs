namespace ImbalancedBinary;

/// <summary>What keeps one-hot encoding within bounds.</summary>
internal static class TextColumn
{
    private const int MostValues = 200;
    private const int MostValuesOfAll = 1000;

    /// <summary>Refuses text columns with so many different values that each would become a feature of its own for a few rows.</summary>
    public static void CheckVariety(Table table, IEnumerable<int> columns)
    {
        var all = 0;
        foreach (var column in columns)
        {
            var values = table.Rows.Select(row => row.Cells[column]).Distinct().Count();
            if (values > MostValues)
            {
                throw new UserErrorException(
                    $"Text column '{table.Columns[column]}' of '{table.File}' has {values} different values, but {MostValues} is the most that is one-hot encoded: leave it out with --ignore.");
            }

            all += values;
        }

        if (all > MostValuesOfAll)
        {
            throw new UserErrorException(
                $"The text columns of '{table.File}' have {all} different values together, but {MostValuesOfAll} is the most that is one-hot encoded: leave some out with --ignore.");
        }
    }
}
