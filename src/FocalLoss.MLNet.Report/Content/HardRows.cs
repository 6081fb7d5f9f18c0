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
    private const string Number = "Row (from 0)", Loss = "Loss";

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
        var found = Hardest(Enumerable.Range(0, rows.Labels.Length), Own, i => rows.Order[i], count);
        var (numbers, values) = Read(source, source?.WeightColumn, [.. found.Select(i => rows.Order[i])], shown);
        return new([Number, "Actual", "Probability of a positive", Loss, .. shown],
            [.. found.Select((i, k) => (IReadOnlyList<string>)
            [
                Text(numbers[k]), rows.Labels[i] ? "positive" : "negative", ShortNumber.Digits(rows.Probabilities[i]),
                LossOf(Own(i)), .. values[k],
            ])]);
    }

    /// <summary>
    /// The same of several classes. Rows of a class that the model does not know are not among them: it cannot but be wrong about them.
    /// </summary>
    /// <param name="facts">The rows of the chosen model, and where they come from.</param>
    public static TableContent? Of(ClassFacts facts)
    {
        var (count, shown) = (facts.Options.HardestRows, facts.Options.ShownColumns);
        if (count == 0 || !facts.ModelOf(facts.Chosen).HasProbabilities)
            return null;
        var rows = facts.ChosenRows;
        double Own(int i) => rows.ScoresOf(i)[rows.Labels[i]];
        var found = Hardest(Enumerable.Range(0, rows.Labels.Length).Where(i => rows.Labels[i] < rows.ScoreCount), Own, i => i, count);
        var (numbers, values) = Read(facts.Comparison.Source, null, [.. found.Select(i => rows.Places?[i] ?? i)], shown);
        return new([Number, "Actual class", "Its probability", "Given to", "With probability", Loss, .. shown],
            [.. found.Select((i, k) =>
            {
                var scores = rows.ScoresOf(i);
                var given = MulticlassEvaluation.ArgMax(scores);
                return (IReadOnlyList<string>)
                [
                    Text(numbers[k]), rows.ClassNames[rows.Labels[i]], ShortNumber.Digits(Own(i)), rows.ClassNames[given],
                    ShortNumber.Digits(scores[given]), LossOf(Own(i)), .. values[k],
                ];
            })]);
    }

    /// <summary>Those with the lowest probability of their own class, and of equal ones the first.</summary>
    private static int[] Hardest(IEnumerable<int> rows, Func<int, double> own, Func<int, int> placeOf, int count)
    {
        // The easiest of those kept comes out first: the highest probability of its class, and of equal ones the last row.
        var hardest = new PriorityQueue<int, (double Ease, int Place)>();
        foreach (var i in rows)
        {
            hardest.Enqueue(i, (-own(i), -placeOf(i)));
            if (hardest.Count > count)
                hardest.Dequeue();
        }

        return Emptied(hardest);
    }

    private static string LossOf(double own) => ShortNumber.Digits(-Math.Log(BinaryEvaluation.Moved(own)));

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static int[] Emptied(PriorityQueue<int, (double Ease, int Place)> queue)
    {
        var all = new int[queue.Count];
        for (var i = all.Length - 1; i >= 0; i--)
            all[i] = queue.Dequeue();
        return all;
    }

    /// <summary>Finds rows by their places among those of a weight above 0: their numbers in the data, and values of theirs.</summary>
    /// <param name="source">Where they come from; null if that is not known.</param>
    /// <param name="weightColumn">The weights; null if the places are those among all rows.</param>
    /// <param name="places">The places.</param>
    /// <param name="shown">Columns whose values are wanted.</param>
    private static (long[] Numbers, string[][] Values) Read(
        ComparedSource? source, string? weightColumn, int[] places, IReadOnlyList<string> shown)
    {
        var (numbers, values) = (Array.ConvertAll(places, place => (long)place), Array.ConvertAll(places, _ => Array.Empty<string>()));
        if (source is null || (weightColumn is null && shown.Count == 0))
            return (numbers, values);
        var weight = weightColumn is { } name ? source.Data.Schema.GetColumnOrNull(name) : null;
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
