using FocalMlNet.Tool.Files;

namespace FocalMlNet.Tool.Training;

/// <summary>The classes of a label column. A row without a label has none.</summary>
internal sealed class LabelClasses
{
    /// <summary>Fewest rows of a class to train with: with less, the split leaves one part without it.</summary>
    public const int FewestToTrain = 5;
    private const int MostClasses = 100;
    private const int Shown = 8;

    private readonly Dictionary<string, int> _places;

    private LabelClasses(string column, IReadOnlyList<string> names, string? positive)
    {
        (Column, Names, Positive) = (column, names, positive);
        _places = names.Select((name, k) => KeyValuePair.Create(name, k)).ToDictionary(StringComparer.Ordinal);
    }

    /// <summary>The name of the label column.</summary>
    public string Column { get; }

    /// <summary>The values of the column, in order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The value that makes a row a positive; null if all classes are told apart.</summary>
    public string? Positive { get; }

    /// <summary>What is told apart, as a heading.</summary>
    public string Title => Positive is null ? Column : $"{Column} = {Positive}";

    /// <summary>Whether <see cref="Positive"/> was not said but found.</summary>
    public bool IsPositiveFound { get; private init; }

    /// <summary>The class of a row by its label, or null if that is missing or unknown.</summary>
    public int? ClassOf(string cell)
        => cell.Length == 0 ? null : Positive is null ? _places.TryGetValue(cell, out var k) ? k : null : cell == Positive ? 1 : 0;

    /// <summary>Finds the classes in a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="column">The label column.</param>
    /// <param name="isMulticlass">Whether all of its values are told apart.</param>
    /// <param name="positive">The value that is positive; null for the rarer one of two.</param>
    /// <param name="fewestRows">How many rows each class needs.</param>
    /// <exception cref="UserErrorException">There is nothing to tell apart, too little of it, or nobody said which is positive.</exception>
    public static LabelClasses Of(
        FileProfile file, int column, bool isMulticlass, string? positive, int fewestRows = FewestToTrain)
    {
        var profile = file.Columns[column];
        string[] values = [.. profile.Values.Keys.Order(StringComparer.Ordinal)];
        if (values.Length == 0)
            throw new UserErrorException($"--label: column '{profile.Name}' of '{file.Path}' is empty.");
        if (positive is not null && !values.Contains(positive, StringComparer.Ordinal))
        {
            throw new UserErrorException(
                $"--positive: no row of '{file.Path}' has {profile.Name} = {positive}. Values are {Listing.Of(values, Shown)}.");
        }

        if (values.Length < 2)
        {
            throw new UserErrorException(
                $"--label: column '{profile.Name}' has one value only, {values[0]}: there is nothing to tell apart.");
        }

        if (isMulticlass)
            return Several(file, profile, values, fewestRows);
        if (positive is null && values.Length > 2)
        {
            throw new UserErrorException(
                $"--positive VALUE is needed, as column '{profile.Name}' has {profile.ValueCount} values: "
                + $"{Listing.Of(values, Shown)}. To tell all of them apart, give --task multiclass.");
        }

        var chosen = positive ?? values.MinBy(value => profile.Values[value])!;
        var positives = profile.Values[chosen];
        var negatives = file.Rows - profile.Empty - positives;
        CheckCount(file, $"{profile.Name} = {chosen}", positives, fewestRows);
        CheckCount(file, $"other than {profile.Name} = {chosen}", negatives, fewestRows);
        return new(profile.Name, values, chosen) { IsPositiveFound = positive is null };
    }

    private static LabelClasses Several(FileProfile file, ColumnProfile profile, string[] values, int fewestRows)
    {
        if (values.Length > MostClasses)
        {
            throw new UserErrorException(
                $"--label: column '{profile.Name}' has {profile.ValueCount} different values, but "
                + $"{MostClasses} is the most that are taken for classes.");
        }

        foreach (var value in values)
            CheckCount(file, $"{profile.Name} = {value}", profile.Values[value], fewestRows);
        return new(profile.Name, values, null);
    }

    private static void CheckCount(FileProfile file, string which, long rows, int fewest)
    {
        if (rows < fewest)
        {
            throw new UserErrorException($"Number of rows in '{file.Path}' with {which}: {rows}, but at least {fewest} "
                + $"{(fewest == FewestToTrain ? "are needed for a training and a test part." : "is needed.")}");
        }
    }
}
