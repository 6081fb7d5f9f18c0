
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Views;

/// <summary>A cursor over rows of a source: its columns are those of the source, by their numbers.</summary>
/// <param name="schema">The schema of the view.</param>
/// <param name="source">The source's cursor, which may have more columns active.</param>
/// <param name="active">Which columns of the view were asked for.</param>
internal abstract class SourceCursor(DataViewSchema schema, DataViewRowCursor source, bool[] active) : DataViewRowCursor
{
    public override DataViewSchema Schema => schema;

    public override long Position => source.Position;

    public override long Batch => source.Batch;

    protected DataViewRowCursor Source => source;

    /// <summary>Which columns of a view are asked for.</summary>
    public static bool[] Active(DataViewSchema schema, IEnumerable<DataViewSchema.Column> columnsNeeded)
    {
        var active = new bool[schema.Count];
        foreach (var column in columnsNeeded)
            active[column.Index] = true;
        return active;
    }

    /// <summary>Makes cursors over those of a source, which are closed if that fails.</summary>
    public static DataViewRowCursor[] Over(DataViewRowCursor[] sources, Func<DataViewRowCursor, DataViewRowCursor> make)
    {
        try
        {
            return Array.ConvertAll(sources, source => make(source));
        }
        catch
        {
            foreach (var source in sources)
                source.Dispose();
            throw;
        }
    }

    /// <summary>Cursors that share the rows of a view, no more than so many: a view may take the number for advice.</summary>
    public static DataViewRowCursor[] AtMost(IDataView view, DataViewSchema.Column[] columns, int n)
    {
        var set = view.GetRowCursorSet(columns, n);
        if (set.Length <= n)
            return set;
        Array.ForEach(set, cursor => cursor.Dispose());
        return [view.GetRowCursor(columns)];
    }

    public override bool MoveNext() => source.MoveNext();

    public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

    public override ValueGetter<DataViewRowId> GetIdGetter() => source.GetIdGetter();

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        => active[column.Index] ? source.GetGetter<TValue>(source.Schema[column.Index])
            : throw new ArgumentOutOfRangeException(nameof(column), $"Column '{column.Name}' was not asked for when the cursor was made.");

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            source.Dispose();
        base.Dispose(disposing);
    }
}
