using FocalMlNet.Views;
using Microsoft.ML;

namespace FocalMlNet.Splits;

/// <summary>Splits a view by time, so that nothing that is trained on is of the time that is tested on, or later.</summary>
internal static class TimeOrderedSplitter
{
    /// <summary>With a gap before each, as many test parts have 16 bits' worth of borders.</summary>
    private const int MostFolds = (ushort.MaxValue - 1) / 2;

    public static TimeOrderedSplit TrainTest(IDataView data, string time, double testFraction, TimeGap gap, string? label)
    {
        Guard.OpenUnitInterval(testFraction);
        var rows = new TimedRows(data, time, label);
        var target = rows.Sorted.Length - Math.Round(rows.Sorted.Length * testFraction);
        return Splits(data, rows, OfEqualRows(rows, [(int)target]), gap, sliding: false, label)[0];
    }

    public static TimeOrderedSplit[] CrossValidation(
        IDataView data, string time, int numberOfFolds, TimeGap gap, bool equalTimeSpans, bool slidingWindow, string? label)
    {
        Guard.Folds(numberOfFolds, MostFolds);
        var rows = new TimedRows(data, time, label);
        var size = rows.Sorted.Length / (numberOfFolds + 1);
        var starts = equalTimeSpans
            ? OfEqualTime(rows, numberOfFolds)
            : OfEqualRows(rows, [.. Enumerable.Range(0, numberOfFolds).Select(fold => rows.Sorted.Length - (numberOfFolds - fold) * size)]);
        return Splits(data, rows, starts, gap, slidingWindow, label);
    }

    /// <summary>Where the test parts begin: as near to the wanted places as rows of the same time, which stay together, allow.</summary>
    private static int[] OfEqualRows(TimedRows rows, int[] wanted)
    {
        var sorted = rows.Sorted;
        int[] borders = [.. Enumerable.Range(1, sorted.Length - 1).Where(i => sorted[i] != sorted[i - 1])];
        if (borders.Length < wanted.Length)
        {
            var values = borders.Length == 0 ? "1 value" : FormattableString.Invariant($"{borders.Length + 1} different values");
            throw new InvalidOperationException(FormattableString.Invariant(
                $"Time column '{rows.Time.Column.Name}' has {values}, fewer than the {wanted.Length + 1} parts that should each have ")
                + "one.");
        }

        var starts = new int[wanted.Length];
        var least = 0;
        for (var i = 0; i < wanted.Length; i++)
        {
            var at = Array.BinarySearch(borders, wanted[i]);
            at = at < 0 ? ~at : at;
            if (at == borders.Length || (at > 0 && wanted[i] - borders[at - 1] <= borders[at] - wanted[i]))
                at--;
            // The others need a border each, too.
            at = Math.Clamp(at, least, borders.Length - wanted.Length + i);
            (starts[i], least) = (borders[at], at + 1);
        }

        return starts;
    }

    /// <summary>Where the test parts begin if all parts are as long as one another.</summary>
    private static int[] OfEqualTime(TimedRows rows, int numberOfFolds)
    {
        var (sorted, time) = (rows.Sorted, rows.Time);
        var partCount = numberOfFolds + 1;
        long First(int part) => time.Between(sorted[0], sorted[^1], part, partCount);
        var starts = new int[numberOfFolds];
        for (var part = 1; part < partCount; part++)
        {
            var first = First(part);
            starts[part - 1] = CountWhere(sorted, key => key < first);
        }

        for (var part = 0; part < partCount; part++)
        {
            if ((part == 0 ? 0 : starts[part - 1]) == (part == numberOfFolds ? sorted.Length : starts[part]))
            {
                throw new InvalidOperationException(FormattableString.Invariant(
                    $"Part {part} of the {partCount} parts of the time in column '{time.Column.Name}' has no row: there is none from ")
                    + $"{time.Text(First(part))} to {time.Text(First(part + 1))}. Use fewer folds, or parts with equally many rows "
                    + "(equalTimeSpans: false).");
            }
        }

        return starts;
    }

    private static TimeOrderedSplit[] Splits(IDataView data, TimedRows rows, int[] starts, TimeGap gap, bool sliding, string? label)
    {
        var (sorted, isBefore) = (rows.Sorted, rows.Time.IsBefore(gap));
        var trainEnds = Array.ConvertAll(starts, start => CountWhere(sorted, key => isBefore(key, sorted[start])));
        int[] cuts = [.. starts.Concat(trainEnds).Append(0).Append(sorted.Length).Distinct().Order()];
        var parts = rows.Parts(cuts);
        var haveTwoClasses = rows.HaveTwoClasses(parts, cuts.Length - 1);
        return [.. starts.Select((start, fold) =>
        {
            var train = (First: sliding && fold > 0 ? starts[fold - 1] : 0, End: trainEnds[fold]);
            var test = (First: start, End: fold == starts.Length - 1 ? sorted.Length : starts[fold + 1]);
            if (train.First >= train.End)
            {
                throw new InvalidOperationException($"There is no row to train on in {Fold(fold)}: of the rows from "
                    + $"{rows.Time.Text(sorted[train.First])}, all that are before {rows.Time.Text(sorted[start])}, where its test part "
                    + $"begins, are within the gap of {gap}.");
            }

            return new TimeOrderedSplit(View(train, "training"), View(test, "test"));

            SelectedRowsView View((int First, int End) range, string part)
            {
                var (first, end) = (Array.BinarySearch(cuts, range.First), Array.BinarySearch(cuts, range.End));
                return haveTwoClasses(first, end) ? new(data, parts, first, end) : throw new InvalidOperationException(
                    $"The {part} part of {Fold(fold)}, from {rows.Time.Text(sorted[range.First])} to "
                    + $"{rows.Time.Text(sorted[range.End - 1])}, has one value only of label column '{label}', but it should have two or "
                    + "more. Use fewer folds or larger parts, or leave labelColumnName out if one is enough.");
            }
        })];

        string Fold(int fold) => starts.Length == 1 ? "the split" : FormattableString.Invariant($"fold {fold}");
    }

    /// <summary>How many of the sorted keys fulfil a condition which those before fulfil, too, if one does.</summary>
    private static int CountWhere(long[] sorted, Func<long, bool> condition)
    {
        int low = 0, high = sorted.Length;
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            (low, high) = condition(sorted[middle]) ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
