using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace Microsoft.ML;

/// <summary>Where a stock transformer writes itself; a foreign one can only hand it on to a stock one.</summary>
public sealed class ModelSaveContext : IDisposable
{
    private readonly BinaryWriter _writer;
    private bool _written;

    internal ModelSaveContext(BinaryWriter writer) => _writer = writer;
    public void Dispose() { }

    /// <summary>Writes a part of a model: the name of its loader and what that loader reads.</summary>
    internal void Write(ICanSaveModel part, Action<BinaryWriter> body)
    {
        if (_written)
            throw new InvalidOperationException("A model part was saved twice to the same context");
        _written = true;
        _writer.Write(ModelFormat.LoaderName(part.GetType()));
        body(_writer);
    }

    internal static void WritePart(BinaryWriter writer, ICanSaveModel part)
    {
        var context = new ModelSaveContext(writer);
        part.Save(context);
        if (!context._written)
            throw new NotSupportedException($"{part.GetType()} is no stock type and cannot be saved in a model");
    }
}

/// <summary>
/// The file format of the stand-in: a magic word, the input schema, then the transformer, in parts of a loader's name
/// and its data. Numbers are written as their bits. It is not the format of Microsoft.ML.
/// </summary>
internal static partial class ModelFormat
{
    private const string Magic = "Microsoft.ML stand-in model 1";
    private static readonly Dictionary<string, (Type Type, Func<BinaryReader, ICanSaveModel> Load)> Loaders = MakeLoaders();

    /// <summary>To memory: a model that cannot be saved leaves nothing behind.</summary>
    public static byte[] Save(ITransformer model, DataViewSchema inputSchema)
    {
        var memory = new MemoryStream();
        using var writer = new BinaryWriter(memory);
        writer.Write(Magic);
        writer.Write(inputSchema is not null);
        if (inputSchema is not null)
            writer.WriteSchema(inputSchema);
        writer.WritePart(model);
        writer.Flush();
        return memory.ToArray();
    }

    public static ITransformer Load(Stream stream, out DataViewSchema inputSchema)
    {
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        try
        {
            if (reader.ReadByte() != Magic.Length || Encoding.ASCII.GetString(reader.ReadBytes(Magic.Length)) != Magic)
                throw new FormatException("This is no model of the stand-in for Microsoft.ML");
            inputSchema = reader.ReadBoolean() ? reader.ReadSchema() : null;
            return reader.ReadPart<ITransformer>();
        }
        catch (EndOfStreamException e)
        {
            throw new FormatException("The model ends too early", e);
        }
    }

    public static string LoaderName(Type type)
    {
        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        return Loaders.FirstOrDefault(l => l.Value.Type == definition).Key
            ?? throw new NotSupportedException($"{type} cannot be saved in a model of the stand-in");
    }

    public static void WritePart(this BinaryWriter writer, ICanSaveModel part) => ModelSaveContext.WritePart(writer, part);

    public static T ReadPart<T>(this BinaryReader reader)
        where T : class
    {
        var name = reader.ReadString();
        return Loaders.TryGetValue(name, out var loader) ? (T)loader.Load(reader) : throw new FormatException($"Unknown model part '{name}'");
    }

    public static void WriteArray<T>(this BinaryWriter writer, IReadOnlyCollection<T> items, Action<T> write)
    {
        writer.Write(items.Count);
        foreach (var item in items)
            write(item);
    }

    public static T[] ReadArray<T>(this BinaryReader reader, Func<T> read)
    {
        var items = new T[reader.ReadInt32()];
        for (var i = 0; i < items.Length; i++)
            items[i] = read();
        return items;
    }

    public static void WritePairs(this BinaryWriter writer, (string Output, string Input)[] pairs) =>
        writer.WriteArray(pairs.SelectMany(p => new[] { p.Output, p.Input }).ToArray(), writer.Write);
    public static (string Output, string Input)[] ReadPairs(this BinaryReader reader) =>
        reader.ReadArray(reader.ReadString).Chunk(2).Select(p => (p[0], p[1])).ToArray();

    /// <summary>An item type, then the dimensions of a vector, then the number of keys; 0 where there are none.</summary>
    public static void WriteType(this BinaryWriter writer, DataViewType type)
    {
        var item = DataViewTypes.FromRawType(type.ItemType().RawType) ?? throw Errors.NotSupported($"columns of type {type} in models");
        writer.Write(item.ToString());
        writer.WriteArray((type as VectorDataViewType)?.Dimensions.ToArray() ?? [], writer.Write);
        writer.Write((type.ItemType() as KeyDataViewType)?.Count ?? 0);
    }

    public static DataViewType ReadType(this BinaryReader reader)
    {
        var name = reader.ReadString();
        PrimitiveDataViewType item = name == "String" ? TextDataViewType.Instance : name == "Boolean" ? BooleanDataViewType.Instance
            : NumberDataViewType.All.FirstOrDefault(t => t.ToString() == name) ?? throw new FormatException($"Unknown type '{name}' in a model");
        var dimensions = reader.ReadArray(reader.ReadInt32);
        var keys = reader.ReadUInt64();
        item = keys > 0 ? new KeyDataViewType(item.RawType, keys) : item;
        return dimensions.Length > 0 ? new VectorDataViewType(item, dimensions) : item;
    }

    /// <summary>Values of a primitive type.</summary>
    public static void WriteValues<T>(this BinaryWriter writer, IReadOnlyCollection<T> values) => writer.WriteArray(values, value =>
    {
        if (value is ReadOnlyMemory<char> text)
            writer.Write(text.ToString());
        else
            writer.Write(Bytes(ref value));
    });

    public static T[] ReadValues<T>(this BinaryReader reader) => reader.ReadArray(() =>
    {
        if (typeof(T) == typeof(ReadOnlyMemory<char>))
            return (T)(object)reader.ReadString().AsMemory();
        T value = default;
        reader.BaseStream.ReadExactly(Bytes(ref value));
        return value;
    });

    private static Span<byte> Bytes<T>(ref T value) => RuntimeHelpers.IsReferenceOrContainsReferences<T>()
        ? throw Errors.NotSupported($"values of type {typeof(T)} in models")
        : MemoryMarshal.CreateSpan(ref Unsafe.As<T, byte>(ref value), Unsafe.SizeOf<T>());

    /// <summary>Names, types and slot names; hidden columns and other annotations are not kept.</summary>
    private static void WriteSchema(this BinaryWriter writer, DataViewSchema schema) => writer.WriteArray(schema.Where(c => !c.IsHidden).ToArray(), c =>
    {
        writer.Write(c.Name);
        writer.WriteType(c.Type);
        writer.WriteArray(c.SlotNamesOrNull() ?? [], writer.Write);
    });

    private static DataViewSchema ReadSchema(this BinaryReader reader)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(reader.ReadArray(() =>
        {
            var (name, type) = (reader.ReadString(), reader.ReadType());
            var annotations = new DataViewSchema.Annotations.Builder();
            if (reader.ReadArray(reader.ReadString) is { Length: > 0 } slotNames)
                annotations.AddSlotNames(slotNames);
            return new DataViewSchema.DetachedColumn(name, type, annotations.ToAnnotations());
        }));
        return builder.ToSchema();
    }

    private static Dictionary<string, (Type Type, Func<BinaryReader, ICanSaveModel> Load)> MakeLoaders()
    {
        var loaders = new Dictionary<string, (Type Type, Func<BinaryReader, ICanSaveModel> Load)>();
        void Add(Type type, Func<BinaryReader, ICanSaveModel> load) => loaders.Add(type.Name, (type, load));
        Add(typeof(TransformerChain<>), r => new TransformerChain<ITransformer>(r.ReadArray(r.ReadPart<ITransformer>)));
        Add(typeof(ApproximatedKernelTransformer), ApproximatedKernelTransformer.Load);
        Add(typeof(ColumnConcatenatingTransformer), ColumnConcatenatingTransformer.Load);
        Add(typeof(ColumnCopyingTransformer), r => new ColumnCopyingTransformer(r.ReadPairs()));
        Add(typeof(ExpressionTransformer), ExpressionTransformer.Load);
        Add(typeof(KeyToValueMappingTransformer), r => new KeyToValueMappingTransformer(r.ReadPairs()));
        Add(typeof(KeyToVectorMappingTransformer), r => new KeyToVectorMappingTransformer(r.ReadPairs()));
        Add(typeof(NormalizingTransformer), NormalizingTransformer.Load);
        Add(typeof(OneHotEncodingTransformer), r => new OneHotEncodingTransformer(r.ReadPart<ITransformer>()));
        Add(typeof(ValueMappingTransformer), ValueMappingTransformer.Load);
        Add(typeof(ValueToKeyMappingTransformer), ValueToKeyMappingTransformer.Load);
        AddTrainedParts(Add);
        return loaders;
    }

    /// <summary>Adds the loaders of models, calibrators and prediction transformers; written where these are.</summary>
    static partial void AddTrainedParts(Action<Type, Func<BinaryReader, ICanSaveModel>> add);
}
