using FocalMlNet.Columns;
using FocalMlNet.Views;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Splits;

/// <summary>When each row of a view was, and of which class it is where a label is given; read once.</summary>
internal sealed class TimedRows
{
    private readonly bool _idsAreRowNumbers;
    private readonly long[] _keys;
    private readonly int[] _classes;

    public TimedRows(IDataView data, string timeColumnName, string? labelColumnName)
    {
        ArgumentNullException.ThrowIfNull(data);
        Time = new(data.Schema, timeColumnName);
        var label = ColumnRole.ClassLabel.CheckNamed(data.Schema, labelColumnName);
        RowCopies.Refuse(
            data,
            "be split: copies of a row have one time, but are no rows of their own. "
            + "Split first, and oversample what is trained on, as in mlContext.Data.Oversample(split.TrainSet)");
        using var cursor = data.GetRowCursor(label is { } both ? [Time.Column, both] : [Time.Column]);
        var next = Time.Keys(cursor);
        var codes = label is { } given ? ColumnCodes.Of(cursor, given) : null;
        var getId = cursor.GetIdGetter();
        var capacity = (int)Math.Min(data.GetRowCount() ?? 0, 1 << 24);
        List<long> keys = new(capacity);
        List<int> classes = new(codes is null ? 0 : capacity);
        _idsAreRowNumbers = true;
        DataViewRowId id = default;
        while (cursor.MoveNext())
        {
            getId(ref id);
            _idsAreRowNumbers &= id.High == 0 && id.Low == (ulong)keys.Count;
            keys.Add(next());
            if (codes is null)
                continue;
            classes.Add(codes.Next());
            if (classes[^1] < 0)
                throw LabelReader.MissingIn(label!.Value, classes.Count - 1);
        }

        if (keys.Count == 0)
            throw new InvalidOperationException("The data to split has no rows.");
        _keys = [.. keys];
        _classes = [.. classes];
        Sorted = [.. keys];
        Array.Sort(Sorted);
    }

    /// <summary>The time column.</summary>
    public TimeColumn Time { get; }

    /// <summary>The keys of the times of all rows, from the oldest.</summary>
    public long[] Sorted { get; }

    /// <summary>Which part each row is in, if the sorted rows are cut in front of some.</summary>
    /// <param name="cuts">Places in <see cref="Sorted"/>, ascending, 0 first and the number of rows last.</param>
    public RowParts Parts(int[] cuts)
    {
        var firsts = Array.ConvertAll(cuts[1..^1], cut => Sorted[cut]);
        var (parts, marks) = (new ushort[_keys.Length], new byte[_keys.Length]);
        for (var i = 0; i < parts.Length; i++)
        {
            var at = Array.BinarySearch(firsts, _keys[i]);
            (parts[i], marks[i]) = ((ushort)(at < 0 ? ~at : at + 1), TimeColumn.Mark(_keys[i]));
        }

        return new(parts, new(Time.Column, TimeColumn.Marks, marks), _idsAreRowNumbers);
    }

    /// <summary>Whether there are rows of two classes or more in a range of parts; true if no label was given.</summary>
    public Func<int, int, bool> HaveTwoClasses(RowParts parts, int partCount)
    {
        const int Several = -2, None = -1;
        var ofPart = Enumerable.Repeat(None, partCount).ToArray();
        for (var i = 0; i < _classes.Length; i++)
        {
            ref var one = ref ofPart[parts.PartOfRow[i]];
            one = one == None || one == _classes[i] ? _classes[i] : Several;
        }

        return (first, end) =>
        {
            int[] classes = [.. ofPart[first..end].Where(k => k != None).Distinct()];
            return _classes.Length == 0 || classes.Length > 1 || classes is [Several];
        };
    }
}
