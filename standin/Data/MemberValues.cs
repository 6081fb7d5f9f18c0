using System.Linq.Expressions;

namespace Microsoft.ML.Data;

/// <summary>Between members of a class and values of columns: string and text, array and vector.</summary>
internal static class MemberValues
{
    /// <summary>A getter of a column for the member of the current row.</summary>
    public static Delegate Getter<TRow>(SchemaDefinition.Column column, Func<TRow> current) =>
        Generic.Call<Delegate>(MemberGetter<TRow, int>, [typeof(TRow), column.MemberType], column, current);

    /// <summary>A getter of a column of this type for a value; ArgumentOutOfRangeException if the two do not fit.</summary>
    public static Delegate Getter<T>(Func<T> value, DataViewType type)
    {
        var itemType = type.ItemType().RawType;
        if (type is KeyDataViewType key && typeof(T) == itemType)
        {
            // A scalar key is counted from 0 in an object, from 1 in a column; what is too large is missing.
            return (ValueGetter<T>)((ref T destination) =>
                destination = Convert.ToUInt64(value()) is var number && number < key.Count ? (T)Convert.ChangeType(number + 1, typeof(T)) : default);
        }
        if (value is Func<string> text && type is TextDataViewType)
            return (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> destination) => destination = text().AsMemory());
        if (value is Func<string[]> texts && type is VectorDataViewType && type.ItemType() is TextDataViewType)
            return ArrayGetter(() => texts() is { } array ? Array.ConvertAll(array, t => t.AsMemory()) : null);
        if (typeof(T) == type.RawType && type is VectorDataViewType)
            return Generic.Call<Delegate>(VectorGetter<int>, [itemType], value);
        if (typeof(T) == type.RawType)
            return (ValueGetter<T>)((ref T destination) => destination = value());
        if (type is VectorDataViewType && typeof(T) == itemType.MakeArrayType())
            return Generic.Call<Delegate>(ArrayGetter<int>, [itemType], value);
        throw new ArgumentOutOfRangeException(nameof(type), $"A value of type {typeof(T)} cannot be a {type}");
    }

    /// <summary>An action that sets the member of a row to the current value of a column.</summary>
    public static Action<TRow> Setter<TRow>(SchemaDefinition.Column definition, DataViewRow source, DataViewSchema.Column column) =>
        definition.ColumnType.RawType == column.Type.RawType
            ? Generic.Call<Action<TRow>>(MemberSetter<TRow, int, int>, [typeof(TRow), definition.MemberType, column.Type.ItemType().RawType],
                definition, Getters.Untyped(source, column))
            : throw new InvalidOperationException($"Column '{column.Name}' of type {column.Type} does not fit "
                + $"member {definition.MemberName} of type {definition.MemberType}");

    /// <summary>Whether a column can be read as T: as the same type, or text as string, or a vector as an array.</summary>
    public static bool CanRead<T>(DataViewType type) => typeof(T) == type.RawType
        || (type is VectorDataViewType && typeof(T) == type.ItemType().RawType.MakeArrayType())
        || (type.ItemType() is TextDataViewType && typeof(T) == (type is VectorDataViewType ? typeof(string[]) : typeof(string)));

    public static Func<T> Reader<T, TItem>(Delegate getter)
    {
        if (getter is ValueGetter<T> same)
            return () => Value(same);
        if (getter is ValueGetter<ReadOnlyMemory<char>> text)
            return () => (T)(object)Value(text).ToString();
        var vector = (ValueGetter<VBuffer<TItem>>)getter;
        return typeof(T) == typeof(string[])
            ? () => (T)(object)(Value(vector) is { Length: > 0 } v ? v.DenseValues().Select(i => i.ToString()).ToArray() : null)
            : () => (T)(object)(Value(vector) is { Length: > 0 } v ? v.DenseValues().ToArray() : null);
    }

    private static T Value<T>(ValueGetter<T> getter)
    {
        T value = default;
        getter(ref value);
        return value;
    }

    private static Delegate MemberGetter<TRow, TMember>(SchemaDefinition.Column column, Func<TRow> current)
    {
        var row = Expression.Parameter(typeof(TRow));
        var get = Expression.Lambda<Func<TRow, TMember>>(Expression.MakeMemberAccess(row, column.Member), row).Compile();
        return Getter(() => get(current()), column.ColumnType);
    }

    private static ValueGetter<VBuffer<T>> VectorGetter<T>(Func<VBuffer<T>> value) =>
        (ref VBuffer<T> destination) => value().CopyTo(ref destination);

    private static ValueGetter<VBuffer<T>> ArrayGetter<T>(Func<T[]> value) => (ref VBuffer<T> destination) =>
    {
        var array = value() ?? [];
        VBuffer<T>.Copy(array, 0, ref destination, array.Length);
    };

    private static Action<TRow> MemberSetter<TRow, TMember, TItem>(SchemaDefinition.Column definition, Delegate getter)
    {
        var read = Reader<TMember, TItem>(getter);
        var (row, value) = (Expression.Parameter(typeof(TRow)), Expression.Parameter(typeof(TMember)));
        var assign = Expression.Assign(Expression.MakeMemberAccess(row, definition.Member), value);
        var set = Expression.Lambda<Action<TRow, TMember>>(assign, row, value).Compile();
        return target => set(target, read());
    }
}
