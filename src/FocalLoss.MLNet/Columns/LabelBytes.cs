
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Columns;

/// <summary>
/// A byte of each row's label, by which it is noticed that data comes in another order when it is read again, as that of a query without
/// ORDER BY may.
/// </summary>
internal static class LabelBytes
{
    /// <summary>The byte of the row at which a cursor is; equal labels have equal ones.</summary>
    public static Func<byte> Of(DataViewRow row, DataViewSchema.Column label)
    {
        if (label.Type is not TextDataViewType)
        {
            var getClass = LabelGetter.Create(row, label);
            return () => unchecked((byte)getClass());
        }

        var getText = row.GetGetter<ReadOnlyMemory<char>>(label);
        var text = default(ReadOnlyMemory<char>);
        return () =>
        {
            getText(ref text);
            return unchecked((byte)string.GetHashCode(text.Span, StringComparison.Ordinal));
        };
    }
}
