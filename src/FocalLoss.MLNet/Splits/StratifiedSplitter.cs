
using System.Globalization;
using System.Runtime.InteropServices;
using FocalMlNet.Columns;
using FocalMlNet.Views;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Splits;

/// <summary>Splits a view: reads the label and the sampling key once, deals the rows out, and returns views that select them.</summary>
internal static class StratifiedSplitter
{
    public static StratifiedSplit TrainTest(IDataView data, string label, double testFraction, string? samplingKey, int seed)
    {
        Guard.OpenUnitInterval(testFraction);
        return Views(data, Deal(data, data, label, samplingKey, [testFraction, 1 - testFraction], seed), 0);
    }

    /// <param name="data">What is split.</param>
    /// <param name="labelled">The same rows with the label; null if the data has it.</param>
    /// <param name="label">Name of the label column.</param>
    /// <param name="numberOfFolds">The number of folds.</param>
    /// <param name="samplingKey">Name of the column of the data whose values stay together, or null.</param>
    /// <param name="seed">Which rows go where.</param>
    public static StratifiedSplit[] CrossValidation(
        IDataView data, IDataView? labelled, string label, int numberOfFolds, string? samplingKey, int seed)
    {
        Guard.Folds(numberOfFolds);
        var parts = Deal(data, labelled ?? data, label, samplingKey, [.. Enumerable.Repeat(1.0 / numberOfFolds, numberOfFolds)], seed);
        return [.. Enumerable.Range(0, numberOfFolds).Select(fold => Views(data, parts, fold))];
    }

    private static StratifiedSplit Views(IDataView data, RowParts parts, int part)
        => new(new SelectedRowsView(data, parts, part, part + 1, inRange: false), new SelectedRowsView(data, parts, part, part + 1));

    private static RowParts Deal(
        IDataView data, IDataView labelled, string labelColumnName, string? samplingKeyColumnName, double[] shares, int seed)
    {
        ArgumentNullException.ThrowIfNull(data);
        var label = ColumnRole.ClassLabel.Check(labelled.Schema, Guard.NotEmpty(labelColumnName));
        var key = ColumnRole.SamplingKey.CheckNamed(data.Schema, samplingKeyColumnName);
        RowCopies.Refuse(
            data,
            "be split: copies of a row would be in several parts, and be judged by their like. "
            + "Split first, and oversample what is trained on, as in mlContext.Data.Oversample(split.TrainSet); "
            + "in a cross-validation, weights from BalanceClasses do the same");
        if (labelled == data)
            Guard.OtherColumn(labelColumnName, nameof(labelColumnName), samplingKeyColumnName);

        DataViewSchema.Column[] ofData = key is { } given ? [given] : [];
        using var cursor = data.GetRowCursor(labelled == data ? [label, .. ofData] : ofData);
        using var labelCursor = labelled == data ? null : labelled.GetRowCursor([label]);
        var labels = ColumnCodes.Of(labelCursor ?? cursor, label);
        var keys = key is { } column ? ColumnCodes.Of(cursor, column) : null;
        var getByte = labelled == data ? LabelReader.Bytes(cursor, label) : null;
        var (getId, getLabelId) = (cursor.GetIdGetter(), labelCursor?.GetIdGetter());
        DataViewRowId id = default, labelId = default;
        var idsAreRowNumbers = true;
        // Grown bit by bit, lists of many rows leave much for the garbage collector.
        var capacity = (int)Math.Min(data.GetRowCount() ?? 0, 1 << 24);
        List<int> classOfRow = new(capacity), groupOfRow = [];
        List<byte> labelOfRow = new(capacity);
        while (cursor.MoveNext())
        {
            getId(ref id);
            if (labelCursor is not null)
            {
                var isThere = labelCursor.MoveNext();
                if (isThere)
                    getLabelId!(ref labelId);
                if (!isThere || !labelId.Equals(id))
                    throw OtherRows(labelColumnName);
            }

            idsAreRowNumbers &= id.High == 0 && id.Low == (ulong)classOfRow.Count;
            classOfRow.Add(labels.Next());
            if (classOfRow[^1] < 0)
                throw LabelReader.MissingIn(label, classOfRow.Count - 1);
            if (getByte is not null)
                labelOfRow.Add(getByte());
            if (keys is not null)
                groupOfRow.Add(keys.Next());
        }

        if (labelCursor is not null && labelCursor.MoveNext())
            throw OtherRows(labelColumnName);
        var classes = CollectionsMarshal.AsSpan(classOfRow);
        var names = InWords(label, labels.Names);
        CheckClasses(labelColumnName, names, classes, shares.Length);
        if (keys is null)
            return Parts(Stratification.ByRow(classes, names.Count, shares, seed));

        // Rows without a key are of one group: as nothing is known of them, they may belong together.
        var groups = CollectionsMarshal.AsSpan(groupOfRow);
        foreach (ref var group in groups)
            group = group < 0 ? keys.Names.Count : group;
        var parts = GroupStratification.Deal(classes, names.Count, groups, keys.Names.Count + 1, shares, seed, out var fault);
        if (fault is not null)
            throw NoSplit(fault, labelColumnName, samplingKeyColumnName!, names, shares.Length);
        return Parts(parts);

        RowParts Parts(ushort[] partOfRow)
            => new(partOfRow, labelled == data ? new(label, LabelReader.Bytes, [.. labelOfRow]) : null, idsAreRowNumbers);
    }

    /// <summary>Values as whoever made keys of them knows them.</summary>
    private static IReadOnlyList<string> InWords(DataViewSchema.Column label, IReadOnlyList<string> values)
        => ValueTexts.OfKeys(label) is { } texts
            ? [.. values.Select(key => texts[int.Parse(key, CultureInfo.InvariantCulture) - 1])] : values;

    private static InvalidOperationException OtherRows(string label)
        => new($"The estimator that makes label column '{label}' gives other rows than the data has, so that they cannot be split.");

    private static void CheckClasses(string label, IReadOnlyList<string> names, ReadOnlySpan<int> classes, int partCount)
    {
        if (classes.IsEmpty)
            throw new InvalidOperationException("The data to split has no rows.");
        if (names.Count == 1)
            throw new InvalidOperationException(
                $"Label column '{label}' has one value only, '{names[0]}', but a stratified split needs two classes or more.");
        var counts = new int[names.Count];
        foreach (var k in classes)
            counts[k]++;
        var rarest = Array.IndexOf(counts, counts.Min());
        if (counts[rarest] < partCount)
        {
            throw new InvalidOperationException(
                $"The rarest value of label column '{label}' is '{names[rarest]}': its number of rows is {counts[rarest]}, fewer than "
                    + $"the {partCount} parts that should each have one.");
        }
    }

    private static InvalidOperationException NoSplit(
        GroupFault fault, string label, string samplingKey, IReadOnlyList<string> names, int partCount)
    {
        if (fault.Classes is [var rarest])
        {
            var count = fault.GroupCount == 1 ? "1 group" : $"{fault.GroupCount} groups";
            return new($"Value '{names[rarest]}' of label column '{label}' is in {count} of sampling key '{samplingKey}', "
                + $"fewer than the {partCount} parts that should each have it.");
        }

        const int Shown = 8;
        var values = string.Join(", ", fault.Classes.Take(Shown).Select(k => $"'{names[k]}'"));
        values += fault.Classes.Count > Shown ? ", ..." : "";
        return new($"No way was found to deal the {fault.GroupCount} groups of sampling key '{samplingKey}' out to {partCount} parts "
            + $"such that each part has the values {values} of label column '{label}', "
            + $"though each of them is in {partCount} groups or more: "
            + (fault.IsCertain ? "all ways were tried, and there is none. " : "there are too many ways to try them all. ")
            + "Use fewer parts, or smaller groups.");
    }
}
