using FocalMlNet.Evaluation;
using FocalMlNet.Tool.Files;

namespace FocalMlNet.Tool.Training;

/// <summary>A column that should probably not be used, and why.</summary>
internal sealed record SuspectColumn(string Name, string Why);

/// <summary>Finds columns that are identifiers or that give the label away.</summary>
internal static class SuspectColumns
{
    private const double GivesAway = .995;

    /// <summary>The suspects among the features that nobody said to keep.</summary>
    public static IReadOnlyList<SuspectColumn> Of(
        FileProfile file, TrainingTable table, bool isMulticlass, IReadOnlyCollection<string> kept)
    {
        List<SuspectColumn> found = [];
        foreach (var column in table.Features.Where(c => !kept.Contains(c.Name, StringComparer.Ordinal)))
        {
            var profile = file.Columns[file.IndexOf(column.Name, "")];
            if (profile.IsIdentifier(column is ValueColumn<float>))
                found.Add(new(column.Name, "has a value of its own in nearly every row, as an identifier has"));
            else if (isMulticlass && Accuracy(column, table.Classes) is not null)
                found.Add(new(column.Name, "tells the class of nearly every row by itself, and may give it away"));
            else if (!isMulticlass && AreaAlone(column, table.Classes) is { } area)
                found.Add(new(column.Name, FormattableString.Invariant($"may give the label away: alone it has an AUROC of {area:F4}")));
        }

        return found;
    }

    /// <summary>The AUROC of a column alone, if that is suspiciously high.</summary>
    private static double? AreaAlone(TableColumn column, IReadOnlyList<int> classes)
    {
        var best = 0.0;
        if (column is ValueColumn<float> numbers)
        {
            // Missing cells rank below all numbers: that only one class has them may give the label away, too.
            var area = RankSums.AreaUnderRocCurveOf([.. numbers.Values], [.. classes.Select(k => k == 1)]);
            best = Math.Max(area, 1 - area);
        }

        if (Codes(column) is { } codes)
        {
            // What the one half of the rows says of each value judges the other half: by itself a rare value always seems to know.
            var count = codes.Max() + 1;
            var (positives, rows) = (new double[count], new double[count]);
            for (var i = 0; i < codes.Length; i += 2)
            {
                positives[codes[i]] += classes[i];
                rows[codes[i]]++;
            }

            var share = positives.Sum() / Math.Max(1, rows.Sum());
            int[] odd = [.. Enumerable.Range(0, codes.Length).Where(i => i % 2 == 1)];
            var area = RankSums.AreaUnderRocCurveOf(
                [.. odd.Select(i => rows[codes[i]] > 0 ? positives[codes[i]] / rows[codes[i]] : share)],
                [.. odd.Select(i => classes[i] == 1)]);
            // Not a number where that half lacks a class.
            if (area > best)
                best = area;
        }

        return best > GivesAway ? best : null;
    }

    /// <summary>How many rows have the class that their value has most often in the other half, if suspiciously many.</summary>
    private static double? Accuracy(TableColumn column, IReadOnlyList<int> classes)
    {
        if (Codes(column) is not { } codes)
            return null;
        var classCount = classes.Max() + 1;
        var counts = new int[codes.Max() + 1, classCount];
        var all = new int[classCount];
        for (var i = 0; i < codes.Length; i += 2)
            counts[codes[i], classes[i]]++;
        var (right, judged) = (0, 0);
        for (var i = 1; i < codes.Length; i += 2)
        {
            var most = Enumerable.Range(0, classCount).MaxBy(k => counts[codes[i], k]);
            judged++;
            all[classes[i]]++;
            if (counts[codes[i], most] > 0 && most == classes[i])
                right++;
        }

        // It must also beat the guess that all rows are of the most frequent class by far.
        var accuracy = right / Math.Max(1.0, judged);
        var guess = all.Max() / Math.Max(1.0, judged);
        return accuracy > GivesAway && 1 - accuracy < .1 * (1 - guess) ? accuracy : null;
    }

    /// <summary>Which of its different values each row has, if there are not very many.</summary>
    private static int[]? Codes(TableColumn column)
    {
        if (column is TextColumn text)
            return [.. text.Codes];
        var values = ((ValueColumn<float>)column).Values;
        Dictionary<float, int> places = [];
        var codes = new int[values.Count];
        for (var i = 0; i < codes.Length; i++)
        {
            if (!places.TryGetValue(values[i], out codes[i]))
            {
                if (places.Count >= OneHotLimits.MostValues)
                    return null;
                places.Add(values[i], codes[i] = places.Count);
            }
        }

        return codes;
    }
}
