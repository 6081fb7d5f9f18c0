using System.Globalization;
using FocalMlNet.Columns;
using FocalMlNet.Evaluation;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Report;

/// <summary>The rows that a model is most wrong about.</summary>
internal static class HardRows
{
    private const int MostCharacters = 200, MostValues = 20;

    /// <summary>
    /// A table of rows by the probability that the model gives to what they are, the lowest first; null without probabilities.
    /// </summary>
    /// <param name="model">The rows.</param>
    /// <param name="source">Where they come from; null if that is not known.</param>
    /// <param name="count">How many.</param>
    /// <param name="shown">Columns whose values are shown.</param>
    public static TableContent? Of(ModelRows model, ComparedSource? source, int count, IReadOnlyList<string> shown)
    {
        if (count == 0 || !model.HasProbabilities)
            return null;
        var rows = model.Rows;
        double Own(int i) => rows.Labels[i] ? rows.Probabilities[i] : 1 - (double)rows.Probabilities[i];
        // The easiest of those kept comes out first: the highest probability of its class, and of equal ones the last row.
        var hardest = new PriorityQueue<int, (double Ease, int Place)>();
        for (var i = 0; i < rows.Labels.Length; i++)
        {
            hardest.Enqueue(i, (-Own(i), -rows.Order[i]));
            if (hardest.Count > count)
                hardest.Dequeue();
        }

        var found = Emptied(hardest);
        var (numbers, values) = Read(source, [.. found.Select(i => rows.Order[i])], shown);
        return new(["Row (from 0)", "Actual", "Probability of a positive", "Loss", .. shown],
            [.. found.Select((i, k) => (IReadOnlyList<string>)
            [
                numbers[k].ToString(CultureInfo.InvariantCulture), rows.Labels[i] ? "positive" : "negative",
                ShortNumber.Digits(rows.Probabilities[i]), ShortNumber.Digits(-Math.Log(BinaryEvaluation.Moved(Own(i)))), .. values[k],
            ])]);
    }

    private static int[] Emptied(PriorityQueue<int, (double Ease, int Place)> queue)
    {
        var all = new int[queue.Count];
        for (var i = all.Length - 1; i >= 0; i--)
            all[i] = queue.Dequeue();
        return all;
    }

    /// <summary>Finds rows by their places among those of a weight above 0: their numbers in the data, and values of theirs.</summary>
    private static (long[] Numbers, string[][] Values) Read(ComparedSource? source, int[] places, IReadOnlyList<string> shown)
    {
        var (numbers, values) = (Array.ConvertAll(places, place => (long)place), Array.ConvertAll(places, _ => Array.Empty<string>()));
        if (source is null || (source.WeightColumn is null && shown.Count == 0))
            return (numbers, values);
        var weight = source.WeightColumn is { } name ? source.Data.Schema.GetColumnOrNull(name) : null;
        DataViewSchema.Column[] columns = [.. shown.Select(column => source.Data.Schema[column])];
        using var cursor = source.Data.GetRowCursor([.. columns.Concat(weight is { } given ? [given] : []).DistinctBy(c => c.Index)]);
        var weightOf = WeightReader.Of(cursor, weight);
        Func<string>[] texts = [.. columns.Select(column => Text(cursor, column))];
        var at = places.Select((place, k) => (place, k)).ToDictionary(pair => pair.place, pair => pair.k);
        for (var (place, left) = (0, places.Length); left > 0 && cursor.MoveNext();)
        {
            if (weightOf() == 0)
                continue;
            if (at.TryGetValue(place++, out var k))
            {
                numbers[k] = cursor.Position;
                values[k] = [.. texts.Select(text => text())];
                left--;
            }
        }

        return (numbers, values);
    }

    private static Func<string> Text(DataViewRow row, DataViewSchema.Column column)
        => (Func<string>)((Func<DataViewRow, DataViewSchema.Column, Func<string>>)(column.Type is VectorDataViewType
            ? VectorText<float> : ValueText<float>)).Method.GetGenericMethodDefinition()
            .MakeGenericMethod(column.Type is VectorDataViewType vector ? vector.ItemType.RawType : column.Type.RawType)
            .Invoke(null, [row, column])!;

    private static Func<string> ValueText<T>(DataViewRow row, DataViewSchema.Column column)
    {
        var get = row.GetGetter<T>(column);
        var value = default(T)!;
        return () =>
        {
            get(ref value);
            return Short(Written(value));
        };
    }

    private static Func<string> VectorText<T>(DataViewRow row, DataViewSchema.Column column)
    {
        var get = row.GetGetter<VBuffer<T>>(column);
        var values = default(VBuffer<T>);
        return () =>
        {
            get(ref values);
            var more = values.Length > MostValues ? ", …" : "";
            return Short($"[{string.Join(", ", values.DenseValues().Take(MostValues).Select(Written))}{more}]");
        };
    }

    private static string Written<T>(T value) => value switch
    {
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => $"{value}",
    };

    private static string Short(string text) => text.Length <= MostCharacters ? text
        // Not between the halves of one character.
        : $"{text.AsSpan(0, char.IsHighSurrogate(text[MostCharacters - 2]) ? MostCharacters - 2 : MostCharacters - 1)}…";
}
