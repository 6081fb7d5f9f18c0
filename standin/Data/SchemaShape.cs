using System.Collections;
using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>A promise of a schema before any data: names, kinds and item types, but no vector sizes or key counts.</summary>
public sealed class SchemaShape : IReadOnlyList<SchemaShape.Column>
{
    private readonly Column[] _columns;

    public SchemaShape(IEnumerable<Column> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        _columns = columns.ToArray();
    }

    public int Count => _columns.Length;
    public Column this[int index] => _columns[index];
    public IEnumerator<Column> GetEnumerator() => ((IEnumerable<Column>)_columns).GetEnumerator();
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    internal static SchemaShape Create(DataViewSchema schema) => new(schema.Where(c => !c.IsHidden).Select(Column.Of));

    internal bool TryFindColumn(string name, out Column column)
    {
        var at = Array.FindIndex(_columns, c => c.Name == name);
        column = at >= 0 ? _columns[at] : default;
        return at >= 0;
    }

    internal bool Has(string name) => TryFindColumn(name, out _);

    /// <summary>The column of the name; to name one that is not there is the caller's error.</summary>
    internal Column Require(string name) => TryFindColumn(name, out var column) ? column : throw Errors.NoColumn(name);

    /// <summary>The shape with columns added, which take the place of those with the same name.</summary>
    internal SchemaShape With(params Column[] added)
    {
        var byName = _columns.ToDictionary(c => c.Name);
        foreach (var column in added)
            byName[column.Name] = column;
        return new SchemaShape(byName.Values);
    }

    public readonly struct Column
    {
        public readonly string Name;
        public readonly VectorKind Kind;
        public readonly DataViewType ItemType;
        public readonly bool IsKey;
        public readonly SchemaShape Annotations;

        internal Column(string name, VectorKind kind, DataViewType itemType, bool isKey, SchemaShape annotations = null) =>
            (Name, Kind, ItemType, IsKey, Annotations) = (name, kind, itemType, isKey, annotations ?? new SchemaShape([]));

        internal static Column Of(DataViewSchema.Column column)
        {
            var item = column.Type.ItemType();
            var kind = column.Type.IsKnownVector() ? VectorKind.Vector : column.Type is VectorDataViewType ? VectorKind.VariableVector : VectorKind.Scalar;
            var itemType = item is KeyDataViewType ? DataViewTypes.FromRawType(item.RawType) : item;
            return new Column(column.Name, kind, itemType, item is KeyDataViewType, Create(column.Annotations.Schema));
        }

        /// <summary>Whether a column like <paramref name="source"/> can be used where this one is asked for.</summary>
        internal bool IsCompatibleWith(Column source) =>
            source.Name == Name && source.Kind == Kind && source.IsKey == IsKey && ItemType.Equals(source.ItemType);

        internal string TypeText()
        {
            var item = IsKey ? $"Key<{ItemType.RawType.Name}>" : ItemType.ToString();
            return Kind == VectorKind.Scalar ? item : Kind == VectorKind.Vector ? $"Vector<{item}>" : $"VarVector<{item}>";
        }

        public enum VectorKind
        {
            Scalar,
            Vector,
            VariableVector,
        }
    }
}
