using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Columns;

/// <summary>
/// A column that says when a row was. Each value is read as a 64-bit key; keys are in the order of the values, and equal where they are:
/// ticks of times (universal ones where there is an offset), whole numbers themselves, of others the bits in the order of the numbers.
/// </summary>
internal sealed class TimeColumn
{
    private readonly DataViewSchema.Column _column;
    private readonly Type _type;

    public TimeColumn(DataViewSchema schema, string name)
    {
        _column = ColumnRole.Time.Check(schema, Guard.NotEmpty(name, "timeColumnName"));
        _type = _column.Type.RawType;
    }

    public DataViewSchema.Column Column => _column;

    private bool IsFraction => _type == typeof(float) || _type == typeof(double);

    private bool IsNumber => _column.Type is NumberDataViewType;

    /// <summary>The key of the cursor's row. The cursor is the only one, so that its position is the number of the row.</summary>
    /// <exception cref="InvalidOperationException">
    /// When it is called: the time is missing, which is NaN, ±∞, or the first moment of the year 1, as which ML.NET reads an empty text.
    /// </exception>
    public Func<long> Keys(DataViewRow row)
    {
        var next = Unchecked(row);
        var isDate = _type == typeof(DateTime) || _type == typeof(DateTimeOffset);
        return () =>
        {
            var key = next();
            if (isDate ? key == 0 : IsFraction && !double.IsFinite(Number(key)))
            {
                throw new InvalidOperationException(FormattableString.Invariant(
                    $"Time column '{_column.Name}' is {(isDate ? "missing" : Number(key))} in row {row.Position}: leave such rows out, ")
                    + "for example with FilterByCustomPredicate.");
            }

            return key;
        };
    }

    /// <summary>A byte of the cursor's row, equal for equal times.</summary>
    public static Func<byte> Marks(DataViewRow row, DataViewSchema.Column column)
    {
        var next = new TimeColumn(row.Schema, column.Name).Unchecked(row);
        return () => Mark(next());
    }

    /// <summary>The byte of a key.</summary>
    public static byte Mark(long key) => (byte)(unchecked((ulong)key * 0x9E3779B97F4A7C15) >> 56);

    /// <summary>Whether a time is before another and the gap, too, lies between them.</summary>
    /// <returns>A test of the earlier key and the later one, which holds for all times before one for which it holds.</returns>
    /// <exception cref="ArgumentException">The gap is a number, and the column holds times, or the other way round.</exception>
    public Func<long, long, bool> IsBefore(TimeGap gap)
    {
        if (!gap.IsNone && gap.Span is not null == IsNumber)
        {
            throw new ArgumentException(
                $"gap = {gap}, but it should be a {(IsNumber ? "number" : "TimeSpan")}, as time column '{_column.Name}' is of type "
                + $"{_column.Type}.", nameof(gap));
        }

        if (IsFraction)
            return (early, late) => early < late && Number(late) - Number(early) > gap.Number;
        // Of whole numbers, a difference above 1.5 is one above 1; the cast saturates.
        var most = gap.Span is { } span ? (ulong)span.Ticks : (ulong)gap.Number;
        return (early, late) => early < late && unchecked((ulong)(late - early)) > most;
    }

    /// <summary>The first key that is not before so many of so many equal parts of the time between two.</summary>
    public long Between(long first, long last, int part, int partCount)
    {
        if (IsFraction)
        {
            var share = (double)part / partCount;
            return Key(Number(first) * (1 - share) + Number(last) * share);
        }

        var length = (UInt128)unchecked((ulong)(last - first)) * (uint)part;
        return unchecked(first + (long)(ulong)((length + (uint)partCount - 1) / (uint)partCount));
    }

    /// <summary>A key's value in words.</summary>
    public string Text(long key)
    {
        if (_type == typeof(DateTime))
            return new DateTime(key).ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture);
        if (_type == typeof(DateTimeOffset))
            return new DateTime(key).ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture) + " UTC";
        if (_type == typeof(TimeSpan))
            return new TimeSpan(key).ToString("c", CultureInfo.InvariantCulture);
        return (IsFraction ? Number(key) : _type == typeof(ulong) ? unchecked((ulong)(key ^ long.MinValue)) : (IFormattable)key)
            .ToString(null, CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// The key of a number, the same for 0 and -0. The bits of negative numbers grow with their size: they are turned round.
    /// </summary>
    private static long Key(double number) => Turn(BitConverter.DoubleToInt64Bits(number + 0.0));

    private static double Number(long key) => BitConverter.Int64BitsToDouble(Turn(key));

    private static long Turn(long bits) => bits ^ ((bits >> 63) & long.MaxValue);

    private Func<long> Unchecked(DataViewRow row)
    {
        if (_type == typeof(DateTime))
            return Reader<DateTime>(row, static value => value.Ticks);
        if (_type == typeof(DateTimeOffset))
            return Reader<DateTimeOffset>(row, static value => value.UtcTicks);
        if (_type == typeof(TimeSpan))
            return Reader<TimeSpan>(row, static value => value.Ticks);
        if (_type == typeof(float))
            return Reader<float>(row, static value => Key(value));
        if (_type == typeof(double))
            return Reader<double>(row, Key);
        if (_type == typeof(ulong))
            return Reader<ulong>(row, static value => unchecked((long)value ^ long.MinValue));
        if (_type == typeof(long))
            return Reader<long>(row, static value => value);
        if (_type == typeof(uint))
            return Reader<uint>(row, static value => value);
        if (_type == typeof(int))
            return Reader<int>(row, static value => value);
        if (_type == typeof(ushort))
            return Reader<ushort>(row, static value => value);
        if (_type == typeof(short))
            return Reader<short>(row, static value => value);
        return _type == typeof(byte) ? Reader<byte>(row, static value => value) : Reader<sbyte>(row, static value => value);
    }

    private Func<long> Reader<T>(DataViewRow row, Func<T, long> toKey)
    {
        var getter = row.GetGetter<T>(_column);
        T value = default!;
        return () =>
        {
            getter(ref value);
            return toKey(value);
        };
    }
}
