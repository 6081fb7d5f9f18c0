
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Views;

/// <summary>Single columns that are computed, and from which columns.</summary>
/// <param name="Names">The names of the added columns.</param>
/// <param name="Inputs">The columns they are computed from.</param>
/// <param name="Getter">
/// Makes the getter of the column of a number for one cursor over the source, whose <see cref="DataViewRow.Position"/> is the number of the
/// row.
/// </param>
internal sealed record AddedSingles(
    IReadOnlyList<string> Names, IReadOnlyList<DataViewSchema.Column> Inputs, Func<int, DataViewRow, ValueGetter<float>> Getter);

/// <summary>
/// A view with Single columns added at the end. Rows come in the order of the source whatever random numbers a cursor is asked to shuffle
/// with, so the position of a row is its number; each cursor has getters of its own.
/// </summary>
internal sealed class SingleColumnView : IDataView
{
    private readonly IDataView _source;
    private readonly AddedSingles _added;

    private readonly CancellationToken _cancellation;

    public SingleColumnView(IDataView source, AddedSingles added, CancellationToken cancellation = default)
    {
        (_source, _added, _cancellation) = (source, added, cancellation);
        Schema = SchemaOf(source.Schema, added.Names);
    }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => false;

    /// <summary>Whether an added column has been read.</summary>
    public bool IsRead { get; private set; }

    public long? GetRowCount() => _source.GetRowCount();

    /// <summary>A view with a column of given values, one for each row.</summary>
    /// <param name="source">The other columns.</param>
    /// <param name="name">The column's name.</param>
    /// <param name="values">Its values.</param>
    /// <param name="cancellation">Is looked at before each row.</param>
    public static SingleColumnView OfValues(IDataView source, string name, float[] values, CancellationToken cancellation = default)
        => new(source, new AddedSingles([name], [], (_, row) => (ref float value) => value = values[row.Position]), cancellation);

    /// <summary>The schema with Single columns added at the end.</summary>
    public static DataViewSchema SchemaOf(DataViewSchema schema, IEnumerable<string> names)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(schema);
        foreach (var name in names)
            builder.AddColumn(name, NumberDataViewType.Single, null);
        return builder.ToSchema();
    }

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var active = SourceCursor.Active(Schema, columnsNeeded);
        var needed = _source.Schema.Where(c => active[c.Index]);
        if (active.AsSpan(_source.Schema.Count).Contains(true))
            needed = needed.Union(_added.Inputs);
        return new Cursor(this, _source.GetRowCursor([.. needed]), active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
        => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(SingleColumnView view, DataViewRowCursor source, bool[] active) : SourceCursor(view.Schema, source, active)
    {
        public override bool MoveNext()
        {
            view._cancellation.ThrowIfCancellationRequested();
            return base.MoveNext();
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            var added = column.Index - view._source.Schema.Count;
            if (added < 0 || !IsColumnActive(column))
                return base.GetGetter<TValue>(column);
            view.IsRead = true;
            return view._added.Getter(added, Source) as ValueGetter<TValue>
                ?? throw new InvalidOperationException($"Column '{column.Name}' is of type {column.Type}, not {typeof(TValue)}.");
        }
    }
}
