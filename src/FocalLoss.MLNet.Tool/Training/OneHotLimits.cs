using FocalMlNet.Tool.Files;

namespace FocalMlNet.Tool.Training;

/// <summary>What keeps one-hot encoding within bounds.</summary>
internal static class OneHotLimits
{
    public const int MostValues = 200;
    private const int MostFeatures = 2000;

    /// <summary>Refuses text columns with so many different values that each would become a feature of its own for a few rows.</summary>
    public static void Check(FileProfile file, IReadOnlyCollection<int> columns)
    {
        foreach (var column in columns.Select(j => file.Columns[j]).Where(c => c.Values.Count > MostValues))
        {
            throw new UserErrorException(
                $"Text column '{column.Name}' of '{file.Path}' has {column.ValueCount} "
                + $"different values, but {MostValues} is the most that is one-hot encoded: leave it out with --ignore.");
        }

        var features = columns.Sum(j => file.Columns[j].Values.Count);
        if (features > MostFeatures)
        {
            throw new UserErrorException(
                $"The {columns.Count} text columns of '{file.Path}' would become {features} features, but {MostFeatures} is the most: "
                + "leave some out with --ignore.");
        }
    }
}
