
using System.Globalization;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Columns;

/// <summary>Gives each distinct value of a scalar column a number, from 0 in the order in which they turn up.</summary>
internal sealed class ColumnCodes
{
    /// <summary>The reader of a type is made when a column of that type comes: there are fifteen of them.</summary>
    private static readonly MethodInfo Plain = ((MakeNext)PlainOf<int>).Method.GetGenericMethodDefinition();

    private readonly List<string> _names = [];

    private ColumnCodes(Func<List<string>, Func<int>> makeNext) => Next = makeNext(_names);

    private delegate Func<int> MakeNext(DataViewRow row, DataViewSchema.Column column, List<string> names);

    /// <summary>The number of the value in the cursor's row; -1 for one that is missing, a key of 0 or an empty text.</summary>
    /// <exception cref="InvalidOperationException">A key is larger than its type allows.</exception>
    public Func<int> Next { get; }

    /// <summary>The distinct values so far, for messages.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The numbers of a column's values in the rows of a cursor.</summary>
    public static ColumnCodes Of(DataViewRow row, DataViewSchema.Column column) => new(column.Type is TextDataViewType
        ? names => Text(row, column, names)
        : names => Plain.MakeGenericMethod(column.Type.RawType).CreateDelegate<MakeNext>()(row, column, names));

    private static Func<int> PlainOf<T>(DataViewRow row, DataViewSchema.Column column, List<string> names)
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
