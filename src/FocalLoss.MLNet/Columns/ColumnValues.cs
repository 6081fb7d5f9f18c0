
using Microsoft.ML;

namespace FocalMlNet.Columns;

/// <summary>The values of a column, collected while a cursor moves over its rows. Without a column, each value is the default.</summary>
internal sealed class ColumnValues<T>
{
    private readonly DataViewRow _row;
    private readonly ValueGetter<T>? _getter;
    private readonly List<T> _values = [];
    private readonly string _name;
    private readonly Func<T, bool>? _isAllowed;
    private readonly string _allowed;
    private readonly T _byDefault;

    /// <param name="row">The cursor.</param>
    /// <param name="column">The column, if there is one.</param>
    /// <param name="isAllowed">Whether a value may occur; null if every one may.</param>
    /// <param name="allowed">Which values may occur, for the message.</param>
    /// <param name="byDefault">The value of all rows if there is no column.</param>
    public ColumnValues(
        DataViewRow row, DataViewSchema.Column? column, Func<T, bool>? isAllowed = null, string allowed = "", T byDefault = default!)
    {
        (_row, _isAllowed, _allowed, _byDefault) = (row, isAllowed, allowed, byDefault);
        _getter = column is { } given ? row.GetGetter<T>(given) : null;
        _name = column?.Name ?? "";
    }

    /// <summary>Takes the value of the row at which the cursor is.</summary>
    /// <exception cref="InvalidOperationException">The value is not allowed.</exception>
    public T Read()
    {
        var value = _byDefault;
        _getter?.Invoke(ref value);
        if (_getter is not null && _isAllowed?.Invoke(value) == false)
            throw new InvalidOperationException(
                FormattableString.Invariant($"Column '{_name}' has {value} in row {_row.Position}, but it should be {_allowed}."));
        _values.Add(value);
        return value;
    }

    public T[] ToArray() => [.. _values];
}
