using System.Text;

namespace Microsoft.ML.Data;

/// <summary>Reads a file of separated values; each cursor opens the file anew.</summary>
public sealed class TextLoader
{
    private readonly string _path;
    private readonly Format _format;
    private readonly (Column Column, PrimitiveDataViewType ItemType, int[] Fields, bool IsVector)[] _columns;

    internal TextLoader(string path, Column[] columns, Format format)
    {
        if (!File.Exists(path))
            throw new ArgumentOutOfRangeException(nameof(path), $"There is no file {path}");
        (_path, _format) = (path, format);
        _columns = Array.ConvertAll(columns, c => (c, ItemTypeOf(c), Fields(c), IsVector(c)));
        var builder = new DataViewSchema.Builder();
        foreach (var (column, itemType, fields, isVector) in _columns)
            builder.AddColumn(column.Name, isVector ? new VectorDataViewType(itemType, fields.Length) : itemType);
        View = new DataView(this, builder.ToSchema());
    }

    internal IDataView View { get; }

    internal static Column[] ColumnsOf(Type type)
    {
        var columns = SchemaDefinition.ColumnMembers(type, SchemaDefinition.Direction.Write)
            .Where(m => m.IsDefined(typeof(LoadColumnAttribute), inherit: false))
            .Select(m => new SchemaDefinition.Column(m))
            .Select(column =>
            {
                var load = (LoadColumnAttribute)Attribute.GetCustomAttribute(column.Member, typeof(LoadColumnAttribute));
                var item = column.ColumnType.ItemType();
                var sources = Array.ConvertAll(load.Sources, r => new Range(r.Min, r.Max) { ForceVector = column.ColumnType is VectorDataViewType });
                return new Column(column.ColumnName, item is TextDataViewType ? DataKind.String : Enum.Parse<DataKind>(item.RawType.Name), sources,
                    item is KeyDataViewType key ? new KeyCount(key.Count) : null);
            })
            .ToArray();
        return columns.Length > 0 ? columns : throw new InvalidOperationException($"No member of {type.Name} has LoadColumn");
    }

    /// <summary>Splits a line. A quoted field that is not closed is empty, and takes the rest of the line with it.</summary>
    private static void Split(ReadOnlySpan<char> line, char separator, bool quoting, List<string> fields)
    {
        fields.Clear();
        while (true)
        {
            line = line.TrimStart(' ');
            var quoted = quoting && line is ['"', ..];
            var text = new StringBuilder();
            if (quoted)
            {
                var at = 1;
                for (; at < line.Length && (line[at] != '"' || (at + 1 < line.Length && line[at + 1] == '"')); at++)
                {
                    text.Append(line[at]);
                    at += line[at] == '"' ? 1 : 0;
                }
                text.Length = at < line.Length ? text.Length : 0;
                line = line[Math.Min(at + 1, line.Length)..];
            }
            var end = line.IndexOf(separator);
            fields.Add(quoted ? text.ToString() : line[..(end < 0 ? line.Length : end)].ToString());
            if (end < 0)
                return;
            line = line[(end + 1)..];
        }
    }

    private static bool IsVector(Column column) => column.Source is not [{ ForceVector: false } one] || one.Max != one.Min;

    private static PrimitiveDataViewType ItemTypeOf(Column column)
    {
        PrimitiveDataViewType type = column.DataKind switch
        {
            DataKind.String => TextDataViewType.Instance,
            DataKind.Boolean => BooleanDataViewType.Instance,
            var kind => NumberDataViewType.All.FirstOrDefault(t => t.RawType.Name == kind.ToString()) ?? throw Errors.NotSupported($"columns of kind {kind}"),
        };
        return column.KeyCount is null ? type : new KeyDataViewType(type.RawType, column.KeyCount.Count ?? KeyDataViewType.LargestKey(type.RawType));
    }

    private static int[] Fields(Column column) => column.Source
        .SelectMany(r => Enumerable.Range(r.Min, (r.Max ?? throw Errors.NotSupported("a range of columns without end")) - r.Min + 1))
        .ToArray();
    internal sealed record Format(char Separator, bool HasHeader, bool Quoting, bool Trim);

    public sealed class Column
    {
        public string Name;
        public Range[] Source;
        public KeyCount KeyCount;

        public Column() { }
        public Column(string name, DataKind dataKind, int index) : this(name, dataKind, [new Range(index)]) { }
        public Column(string name, DataKind dataKind, int minIndex, int maxIndex) : this(name, dataKind, [new Range(minIndex, maxIndex)]) { }
        public Column(string name, DataKind dataKind, Range[] source, KeyCount keyCount = null) =>
            (Name, DataKind, Source, KeyCount) = (name, dataKind, source, keyCount);
        public DataKind DataKind { get; set; } = DataKind.Single;
    }

    public sealed class Range
    {
        public int Min;
        public int? Max;
        public bool ForceVector;

        public Range() { }
        public Range(int index) : this(index, index) { }

        public Range(int min, int? max)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(min);
            if (max < min)
                throw new ArgumentOutOfRangeException(nameof(max), $"max = {max}, but it should not be less than min = {min}");
            (Min, Max) = (min, max);
        }
    }

    private sealed class DataView(TextLoader loader, DataViewSchema schema) : IDataView
    {
        public DataViewSchema Schema => schema;
        public bool CanShuffle => false;
        public long? GetRowCount() => null;
        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null) =>
            new Cursor(loader, schema, Columns.Flags(schema, columnsNeeded), new StreamReader(loader._path));
        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
            [GetRowCursor(columnsNeeded, rand)];
    }

    private sealed class Cursor(TextLoader loader, DataViewSchema schema, bool[] active, StreamReader reader) : CursorBase(schema, active, reader)
    {
        private readonly List<string> _fields = [];
        private long _line;

        private protected override bool Advance()
        {
            while (reader.ReadLine() is { } line)
            {
                _line++;
                line = loader._format.Trim ? line.TrimEnd() : line;
                if (line.Length > 0 && (_line > 1 || !loader._format.HasHeader))
                {
                    Split(line, loader._format.Separator, loader._format.Quoting, _fields);
                    return true;
                }
            }
            return false;
        }

        private protected override Delegate CreateGetter(int column)
        {
            var (definition, itemType, fields, isVector) = loader._columns[column];
            return Generic.Call<Delegate>(Getter<int>, [itemType.RawType], this, definition.Name, fields, isVector, itemType as KeyDataViewType);
        }

        private static Delegate Getter<T>(Cursor cursor, string name, int[] fields, bool isVector, KeyDataViewType key)
        {
            if (!isVector)
                return (ValueGetter<T>)((ref T value) => value = cursor.Parse<T>(fields[0], name, key));
            return (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) =>
            {
                var editor = VBufferEditor.Create(ref value, fields.Length);
                for (var i = 0; i < fields.Length; i++)
                    editor.Values[i] = cursor.Parse<T>(fields[i], name, key);
                value = editor.Commit();
            });
        }

        private T Parse<T>(int field, string name, KeyDataViewType key)
        {
            RequireRow();
            var text = field < _fields.Count ? _fields[field] : "";
            if (key is not null)
                return (T)Convert.ChangeType(ulong.TryParse(text, out var number) && number < key.Count ? number + 1 : 0, typeof(T));
            return Conversions.TryParse<T>(text, out var value) || value is float or double ? value
                : throw new FormatException($"'{text}' in line {_line} is no value of column '{name}'");
        }
    }
}
