
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Columns;

/// <summary>Gives each distinct value of a scalar column a number, from 0 in the order in which they turn up.</summary>
internal sealed class ColumnCodes
{
    private readonly List<string> _names = [];

    private ColumnCodes(Func<List<string>, Func<int>> makeNext) => Next = makeNext(_names);

    /// <summary>The number of the value in the cursor's row; -1 for one that is missing, a key of 0 or an empty text.</summary>
    /// <exception cref="InvalidOperationException">A key is larger than its type allows.</exception>
    public Func<int> Next { get; }

    /// <summary>The distinct values so far, for messages.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>Whether a column has values that can be told apart: whether it is a scalar.</summary>
    public static bool Supports(DataViewType type) => type is PrimitiveDataViewType;

    /// <summary>The numbers of a column's values in the rows of a cursor.</summary>
    public static ColumnCodes Of(DataViewRow row, DataViewSchema.Column column) => new(names => Type.GetTypeCode(column.Type.RawType) switch
    {
        TypeCode.Boolean => Plain<bool>(row, column, names),
        TypeCode.Byte => Plain<byte>(row, column, names),
        TypeCode.UInt16 => Plain<ushort>(row, column, names),
        TypeCode.UInt32 => Plain<uint>(row, column, names),
        TypeCode.UInt64 => Plain<ulong>(row, column, names),
        TypeCode.SByte => Plain<sbyte>(row, column, names),
        TypeCode.Int16 => Plain<short>(row, column, names),
        TypeCode.Int32 => Plain<int>(row, column, names),
        TypeCode.Int64 => Plain<long>(row, column, names),
        TypeCode.Single => Plain<float>(row, column, names),
        TypeCode.Double => Plain<double>(row, column, names),
        TypeCode.DateTime => Plain<DateTime>(row, column, names),
        _ when column.Type.RawType == typeof(DateTimeOffset) => Plain<DateTimeOffset>(row, column, names),
        _ when column.Type.RawType == typeof(TimeSpan) => Plain<TimeSpan>(row, column, names),
        _ when column.Type.RawType == typeof(DataViewRowId) => Plain<DataViewRowId>(row, column, names),
        _ => Text(row, column, names),
    });

    private static Func<int> Plain<T>(DataViewRow row, DataViewSchema.Column column, List<string> names)
        where T : struct, IEquatable<T>
    {
        var getter = row.GetGetter<T>(column);
        var codes = new Dictionary<T, int>();
        var keyCount = (column.Type as KeyDataViewType)?.Count;
        T value = default;
        return () =>
        {
            getter(ref value);
            if (keyCount is not null && value.Equals(default))
                return -1;
            if (!codes.TryGetValue(value, out var code))
            {
                if (keyCount is { } count && Convert.ToUInt64(value, CultureInfo.InvariantCulture) is var key && key > count)
                    throw LabelReader.KeyBeyond(column.Name, key, row.Position, count);
                codes.Add(value, code = codes.Count);
                names.Add(Convert.ToString(value, CultureInfo.InvariantCulture)!);
            }

            return code;
        };
    }

    private static Func<int> Text(DataViewRow row, DataViewSchema.Column column, List<string> names)
    {
        var getter = row.GetGetter<ReadOnlyMemory<char>>(column);
        var codes = new Dictionary<string, int>(StringComparer.Ordinal);
        var lookup = codes.GetAlternateLookup<ReadOnlySpan<char>>();
        ReadOnlyMemory<char> value = default;
        return () =>
        {
            getter(ref value);
            if (value.IsEmpty)
                return -1;
            if (!lookup.TryGetValue(value.Span, out var code))
            {
                // A copy: the source may lend its text for this row only.
                var own = value.ToString();
                codes.Add(own, code = codes.Count);
                names.Add(own);
            }

            return code;
        };
    }
}
