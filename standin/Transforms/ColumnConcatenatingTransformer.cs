namespace Microsoft.ML.Data;

public sealed class ColumnConcatenatingTransformer : RowToRowTransformerBase
{
    private readonly string _output;
    private readonly string[] _inputs;

    internal ColumnConcatenatingTransformer(string output, string[] inputs) => (_output, _inputs) = (output, inputs);
    internal static ColumnConcatenatingTransformer Load(BinaryReader reader) => new(reader.ReadString(), reader.ReadArray(reader.ReadString));
    private protected override RowMapper MakeRowMapper(DataViewSchema inputSchema) =>
        new Mapper(_output, inputSchema, Array.ConvertAll(_inputs, inputSchema.Input));

    private protected override void SaveBody(BinaryWriter writer)
    {
        writer.Write(_output);
        writer.WriteArray(_inputs, writer.Write);
    }

    private sealed class Mapper : RowMapper
    {
        private readonly DataViewSchema.Column[] _inputs;
        private readonly DataViewSchema.DetachedColumn _output;

        public Mapper(string output, DataViewSchema schema, DataViewSchema.Column[] inputs) : base(schema)
        {
            var item = inputs[0].Type.ItemType();
            var other = Array.FindIndex(inputs, c => !c.Type.ItemType().Equals(item));
            if (other >= 0)
                throw Errors.Mismatch("input", inputs[other].Name, item.ToString(), inputs[other].Type.ItemType().ToString());
            var knownSize = Array.TrueForAll(inputs, c => c.Type is not VectorDataViewType { IsKnownSize: false });
            var size = knownSize ? inputs.Sum(c => (c.Type as VectorDataViewType)?.Size ?? 1) : 0;
            _inputs = inputs;
            _output = inputs is [{ Type: VectorDataViewType }] ? new(output, inputs[0].Type, inputs[0].Annotations)
                : new(output, new VectorDataViewType(item, size), size > 0 ? AnnotationsOf(inputs) : null);
        }

        public override DataViewSchema.DetachedColumn[] AddedColumns() => [_output];
        public override IEnumerable<int> DependenciesOf(int added) => _inputs.Select(c => c.Index);
        public override Delegate[] CreateGetters(DataViewRow input, Func<int, bool> active) =>
            [Generic.Call<Delegate>(Getter<int>, [_output.Type.ItemType().RawType], input, _inputs)];

        private static Delegate Getter<T>(DataViewRow row, DataViewSchema.Column[] inputs)
        {
            var parts = new VBuffer<T>[inputs.Length];
            var getters = Array.ConvertAll(inputs, c => Getters.Vector<T>(row, row.Schema[c.Index]));
            return (ValueGetter<VBuffer<T>>)((ref VBuffer<T> result) =>
            {
                var (length, count) = (0, 0);
                for (var i = 0; i < parts.Length; i++)
                {
                    getters[i](ref parts[i]);
                    length += parts[i].Length;
                    count += parts[i].GetValues().Length;
                }
                var sparse = count <= length / 2;
                var editor = VBufferEditor.Create(ref result, length, sparse ? count : length);
                var (at, offset) = (0, 0);
                foreach (ref readonly var part in parts.AsSpan())
                {
                    if (!sparse)
                        part.CopyTo(editor.Values, offset);
                    for (var i = 0; sparse && i < part.GetValues().Length; i++, at++)
                    {
                        editor.Values[at] = part.GetValues()[i];
                        editor.Indices[at] = offset + (part.IsDense ? i : part.GetIndices()[i]);
                    }
                    offset += part.Length;
                }
                result = editor.Commit();
            });
        }

        private static DataViewSchema.Annotations AnnotationsOf(DataViewSchema.Column[] inputs)
        {
            var annotations = new DataViewSchema.Annotations.Builder();
            if (Array.TrueForAll(inputs, c => c.IsNormalized()))
                annotations.AddPrimitiveValue(AnnotationKinds.IsNormalized, BooleanDataViewType.Instance, true);
            if (Array.Exists(inputs, c => c.Type is not VectorDataViewType || c.HasSlotNames()))
                annotations.AddSlotNames(inputs.SelectMany(SlotNames).ToArray());
            return annotations.ToAnnotations();
        }

        private static IEnumerable<string> SlotNames(DataViewSchema.Column column) => column.Type is not VectorDataViewType vector ? [column.Name]
            : column.SlotNamesOrNull()?.Select(n => n.Length == 0 ? "" : $"{column.Name}.{n}") ?? Enumerable.Repeat("", vector.Size);
    }
}
