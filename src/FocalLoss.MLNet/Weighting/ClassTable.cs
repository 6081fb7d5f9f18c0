using System.Globalization;
using FocalMlNet.Columns;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Weighting;

/// <summary>
/// The classes of a label column, their summed example weights, and the stock transformer that looks a number up for each.
/// </summary>
/// <param name="Names">The classes in words, in their order: False, True; keys from 1; texts in the order of their characters.</param>
/// <param name="Totals">The summed weight of each class, 0 for one that does not occur.</param>
internal sealed record ClassTable(IReadOnlyList<string> Names, double[] Totals)
{
    /// <summary>Reads the classes of a view in one pass; missing labels, key 0 or an empty text, are of no class.</summary>
    /// <exception cref="InvalidOperationException">A weight is outside [0; 1e30], or there are too many key values.</exception>
    public static ClassTable Read(IDataView view, DataViewSchema.Column label, DataViewSchema.Column? weightColumn)
    {
        using var cursor = view.GetRowCursor(weightColumn is { } column ? [label, column] : [label]);
        var weight = WeightReader.Of(cursor, weightColumn);
        var texts = label.Type is TextDataViewType ? ColumnCodes.Of(cursor, label) : null;
        var next = texts is null ? LabelReader.Of(cursor, label, LabelReader.MostKeys) : texts.Next;
        double[] totals = texts is null ? new double[LabelReader.ClassCount(label, LabelReader.MostKeys)] : [];
        while (cursor.MoveNext())
        {
            var (k, given) = (next(), weight());
            if (k >= totals.Length)
                Array.Resize(ref totals, 2 * k + 2);
            if (k != LabelReader.Missing)
                totals[k] += given;
        }

        string[] names = texts is not null ? [.. texts.Names] : label.Type is BooleanDataViewType ? ["False", "True"]
            : [.. Enumerable.Range(1, totals.Length).Select(key => key.ToString(CultureInfo.InvariantCulture))];
        totals = totals[..names.Length];
        if (texts is not null)
            Array.Sort(names, totals, StringComparer.Ordinal);
        return new(names, totals);
    }

    /// <summary>
    /// A stock transformer that adds a Single column with the number of the row's class; 0 for a missing label and for a class that is not
    /// here.
    /// </summary>
    public ITransformer Mapping(IDataView view, string outputColumnName, string labelColumnName, IReadOnlyList<double> numbers)
    {
        return Type.GetTypeCode(view.Schema[labelColumnName].Type.RawType) switch
        {
            TypeCode.Boolean => Of(k => k == 1),
            TypeCode.Byte => Of(k => (byte)(k + 1)),
            TypeCode.UInt16 => Of(k => (ushort)(k + 1)),
            TypeCode.UInt32 => Of(k => (uint)k + 1),
            TypeCode.UInt64 => Of(k => (ulong)k + 1),
            _ => Of(k => Names[k]),
        };

        ITransformer Of<TName>(Func<int, TName> nameOf)
            => new MLContext().Transforms.Conversion.MapValue(
                outputColumnName, Names.Select((_, k) => KeyValuePair.Create(nameOf(k), (float)numbers[k])).ToArray(), labelColumnName)
                    .Fit(view);
    }
}
