
using System.Globalization;
using System.Runtime.InteropServices;
using FocalMlNet.Columns;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Weighting;

/// <summary>
/// The classes of a label column, their summed example weights, and the stock transformer that looks a number up for each.
/// </summary>
internal abstract class ClassTable
{
    /// <summary>The classes in words, in their order: False, True; keys from 1; texts in the order of their characters.</summary>
    public abstract IReadOnlyList<string> Names { get; }

    /// <summary>The summed weight of each class, 0 for one that does not occur.</summary>
    public abstract IReadOnlyList<double> Totals { get; }

    /// <summary>
    /// A stock transformer that adds a Single column with the number of the row's class; 0 for a missing label and for a class that is not
    /// here.
    /// </summary>
    public abstract ITransformer Mapping(IDataView view, string outputColumnName, string labelColumnName, IReadOnlyList<double> numbers);

    /// <summary>Reads the classes of a view in one pass; missing labels, key 0 or an empty text, are of no class.</summary>
    /// <exception cref="InvalidOperationException">A weight is outside [0; 1e30], or there are too many key values.</exception>
    public static ClassTable Read(IDataView view, DataViewSchema.Column label, string? weightColumnName)
    {
        using var cursor = view.GetRowCursor(weightColumnName is null ? [label] : [label, view.Schema[weightColumnName]]);
        var weight = WeightGetter.Of(cursor, weightColumnName);
        return label.Type switch
        {
            BooleanDataViewType => ClassTable<bool>.Read<bool>(cursor, label, weight, value => value, _ => false, [false, true]),
            KeyDataViewType key when key.RawType == typeof(byte) => OfKeys(k => (byte)k),
            KeyDataViewType key when key.RawType == typeof(ushort) => OfKeys(k => (ushort)k),
            KeyDataViewType key when key.RawType == typeof(uint) => OfKeys(k => (uint)k),
            KeyDataViewType => OfKeys(k => k),
            _ => ClassTable<string>.Read<ReadOnlyMemory<char>>(
                cursor, label, weight, value => value.ToString(), name => name.Length == 0, []),
        };

        ClassTable OfKeys<TKey>(Func<ulong, TKey> convert)
            where TKey : struct, IComparable<TKey>
        {
            var all = new TKey[LabelFault.KeyCount(label, LabelFault.MostKeys)];
            for (var k = 0; k < all.Length; k++)
                all[k] = convert((ulong)k + 1);
            return ClassTable<TKey>.Read<TKey>(cursor, label, weight, value => value, key => key.CompareTo(default) == 0, all);
        }
    }
}

/// <summary>Classes whose names are of a type that <see cref="ConversionsExtensionsCatalog"/> can look up.</summary>
internal sealed class ClassTable<TName> : ClassTable
    where TName : IComparable<TName>
{
    private readonly TName[] _classes;

    private ClassTable(TName[] classes, double[] totals)
    {
        _classes = classes;
        Totals = totals;
        Names = [.. classes.Select(c => FormattableString.Invariant($"{c}"))];
    }

    public override IReadOnlyList<string> Names { get; }

    public override IReadOnlyList<double> Totals { get; }

    public override ITransformer Mapping(IDataView view, string outputColumnName, string labelColumnName, IReadOnlyList<double> numbers)
        => new MLContext().Transforms.Conversion
            .MapValue(outputColumnName, _classes.Select((c, k) => KeyValuePair.Create(c, (float)numbers[k])).ToArray(), labelColumnName)
                .Fit(view);

    /// <summary>Sums the weights of each class. The known classes come first, in their order.</summary>
    public static ClassTable<TName> Read<TRaw>(
        DataViewRowCursor cursor, DataViewSchema.Column label, Func<double> weight, Func<TRaw, TName> nameOf, Func<TName, bool> isMissing,
        TName[] known)
    {
        var totals = known.ToDictionary(c => c, _ => 0.0);
        var isKey = label.Type is KeyDataViewType;
        var getLabel = cursor.GetGetter<TRaw>(label);
        var value = default(TRaw)!;
        while (cursor.MoveNext())
        {
            getLabel(ref value);
            var name = nameOf(value);
            var given = weight();
            if (isMissing(name))
                continue;
            ref var total = ref CollectionsMarshal.GetValueRefOrAddDefault(totals, name, out var isKnown);
            if (!isKnown && isKey)
            {
                var key = Convert.ToUInt64(name, CultureInfo.InvariantCulture);
                throw LabelFault.KeyBeyond(label.Name, key, cursor.Position, (ulong)known.Length);
            }

            total += given;
        }

        TName[] classes = known.Length > 0 ? known
            : [.. totals.Keys.Order(typeof(TName) == typeof(string) ? (IComparer<TName>)StringComparer.Ordinal : Comparer<TName>.Default)];
        return new ClassTable<TName>(classes, [.. classes.Select(c => totals[c])]);
    }
}
