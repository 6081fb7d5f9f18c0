namespace Microsoft.ML.Data;

public static class ColumnCursorExtensions
{
    public static IEnumerable<T> GetColumn<T>(this IDataView data, string columnName)
    {
        ArgumentNullException.ThrowIfNull(data);
        Errors.CheckName(columnName);
        return data.GetColumn<T>(data.Schema[columnName]);
    }

    /// <summary>The values of a column, read as they are enumerated; text as strings, vectors as arrays if T says so.</summary>
    public static IEnumerable<T> GetColumn<T>(this IDataView data, DataViewSchema.Column column)
    {
        ArgumentNullException.ThrowIfNull(data);
        return MemberValues.CanRead<T>(column.Type) ? Read<T>(data, column) : throw new ArgumentOutOfRangeException(nameof(column),
            $"Column '{column.Name}' of type {column.Type} cannot be read as {typeof(T)}");
    }

    private static IEnumerable<T> Read<T>(IDataView data, DataViewSchema.Column column)
    {
        using var cursor = data.GetRowCursor(column);
        var current = Generic.Call<Func<T>>(MemberValues.Reader<T, int>, [typeof(T), column.Type.ItemType().RawType],
            Getters.Untyped(cursor, cursor.Schema[column.Index]));
        while (cursor.MoveNext())
            yield return current();
    }
}
