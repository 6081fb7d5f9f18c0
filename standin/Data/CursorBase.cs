using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>The part of a cursor that is the same for all data views of the stand-in.</summary>
internal abstract class CursorBase(DataViewSchema schema, bool[] active, IDisposable source) : DataViewRowCursor
{
    private bool _atEnd;

    public sealed override DataViewSchema Schema => schema;

    /// <summary>-1 before the first row and after the last.</summary>
    public sealed override long Position => Row;
    public override long Batch => 0;
    private protected long Row { get; private set; } = -1;

    public sealed override bool MoveNext()
    {
        _atEnd = _atEnd || !Advance();
        Row = _atEnd ? -1 : Row + 1;
        return !_atEnd;
    }

    public sealed override bool IsColumnActive(DataViewSchema.Column column) => active[schema[column.Index].Index];

    public sealed override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        Columns.Require(schema, column, active);
        return Getters.Cast<TValue>(CreateGetter(column.Index));
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)Position, 0);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            source?.Dispose();
        base.Dispose(disposing);
    }

    private protected abstract bool Advance();
    private protected abstract Delegate CreateGetter(int column);

    /// <summary>Getters call this: they have a value at a row only.</summary>
    private protected void RequireRow()
    {
        if (Row < 0)
            throw new InvalidOperationException("The cursor is not at a row: call MoveNext first");
    }
}

internal static class Getters
{
    /// <summary>The getter as one of T; a wrong T is the caller's error.</summary>
    public static ValueGetter<T> Cast<T>(Delegate getter) => getter as ValueGetter<T> ?? throw new InvalidOperationException(
        $"The column has values of type {getter.GetType().GetGenericArguments()[0]}, not of type {typeof(T)}");

    /// <summary>The getter of a column whose type is known at run time only.</summary>
    public static Delegate Untyped(DataViewRow row, DataViewSchema.Column column) =>
        Generic.Call<Delegate>(Typed<int>, [column.Type.RawType], row, column);

    /// <summary>A column of scalars or of vectors as one of vectors.</summary>
    public static ValueGetter<VBuffer<T>> Vector<T>(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is VectorDataViewType)
            return row.GetGetter<VBuffer<T>>(column);
        var scalar = row.GetGetter<T>(column);
        return (ref VBuffer<T> vector) =>
        {
            var editor = VBufferEditor.Create(ref vector, 1);
            scalar(ref editor.Values[0]);
            vector = editor.Commit();
        };
    }

    private static Delegate Typed<T>(DataViewRow row, DataViewSchema.Column column) => row.GetGetter<T>(column);
}

internal static class Generic
{
    /// <summary>
    /// Calls the static generic method of which <paramref name="method"/> is an instance, for other type arguments;
    /// exceptions come out as they were thrown.
    /// </summary>
    public static TResult Call<TResult>(Delegate method, Type[] types, params object[] arguments) =>
        (TResult)method.Method.GetGenericMethodDefinition().MakeGenericMethod(types)
            .Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null);
}

internal static class Columns
{
    public static bool[] Flags(DataViewSchema schema, IEnumerable<DataViewSchema.Column> needed)
    {
        var active = new bool[schema.Count];
        foreach (var column in needed ?? [])
            active[schema[column.Index].Index] = true;
        return active;
    }

    public static void Require(DataViewSchema schema, DataViewSchema.Column column, bool[] active)
    {
        if (column.Index >= schema.Count || !active[column.Index])
            throw new ArgumentOutOfRangeException(nameof(column), $"Column '{column.Name}' is not active in this row");
    }

    public static DataViewSchema.Column Input(this DataViewSchema schema, string name) => schema.GetColumnOrNull(name) ?? throw Errors.NoColumn(name);
    public static DataViewRowCursor GetRowCursor(this IDataView data, params DataViewSchema.Column[] columns) =>
        data.GetRowCursor((IEnumerable<DataViewSchema.Column>)columns);
}
