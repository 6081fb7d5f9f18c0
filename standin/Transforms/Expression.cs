using System.Text.RegularExpressions;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace Microsoft.ML
{
    public static class ExpressionCatalog
    {
        public static ExpressionEstimator Expression(this TransformsCatalog catalog, string outputColumnName, string expression, params string[] inputColumnNames) =>
            new(outputColumnName, expression, inputColumnNames);
    }
}

namespace Microsoft.ML.Transforms
{
    /// <summary>Computes a column from others. In the stand-in the only expression is a product of all parameters, of type Single.</summary>
    public sealed class ExpressionEstimator : IEstimator<ExpressionTransformer>
    {
        private readonly string _output;
        private readonly string[] _inputs;

        internal ExpressionEstimator(string output, string expression, string[] inputs)
        {
            Errors.CheckName(output);
            Errors.CheckName(expression);
            if (inputs.Length is 0 or > 5)
                throw new ArgumentOutOfRangeException(nameof(inputs), "An expression has from 1 to 5 inputs");
            (_output, _inputs) = (output, inputs);
            var lambda = Regex.Match(expression, @"^\s*\((?<parameters>[\w\s,]+)\)\s*=>(?<product>[\w\s*]+)$", RegexOptions.ExplicitCapture);
            if (!lambda.Success || !Names(lambda, "parameters", ',').Order().SequenceEqual(Names(lambda, "product", '*').Order()))
                throw Errors.NotSupported($"the expression '{expression}'");
            if (Names(lambda, "parameters", ',').Length != inputs.Length)
                throw new ArgumentOutOfRangeException(nameof(expression), $"'{expression}' should have {inputs.Length} parameters");
        }

        public ExpressionTransformer Fit(IDataView input)
        {
            ArgumentNullException.ThrowIfNull(input);
            var transformer = new ExpressionTransformer(_output, _inputs);
            _ = transformer.GetOutputSchema(input.Schema);
            return transformer;
        }

        public SchemaShape GetOutputSchema(SchemaShape inputSchema)
        {
            ArgumentNullException.ThrowIfNull(inputSchema);
            foreach (var name in _inputs)
            {
                if (inputSchema.Require(name) is not { Kind: SchemaShape.Column.VectorKind.Scalar, IsKey: false, ItemType: NumberDataViewType } column
                    || column.ItemType != NumberDataViewType.Single)
                    throw Errors.NotSupported("an expression of other than Single columns");
            }
            return inputSchema.With(new SchemaShape.Column(_output, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Single, false));
        }

        private static string[] Names(Match lambda, string group, char separator) =>
            lambda.Groups[group].Value.Split(separator, StringSplitOptions.TrimEntries);
    }

    public sealed class ExpressionTransformer : RowToRowTransformerBase
    {
        public const string LoaderSignature = "ExprTransform";
        private readonly string _output;
        private readonly string[] _inputs;
        internal ExpressionTransformer(string output, string[] inputs) => (_output, _inputs) = (output, inputs);
        internal static ExpressionTransformer Load(BinaryReader reader) => new(reader.ReadString(), reader.ReadArray(reader.ReadString));
        private protected override RowMapper MakeRowMapper(DataViewSchema inputSchema) => new Mapper(_output, inputSchema, Array.ConvertAll(_inputs, inputSchema.Input));

        private protected override void SaveBody(BinaryWriter writer)
        {
            writer.Write(_output);
            writer.WriteArray(_inputs, writer.Write);
        }

        private sealed class Mapper : RowMapper
        {
            private readonly string _output;
            private readonly DataViewSchema.Column[] _inputs;

            public Mapper(string output, DataViewSchema schema, DataViewSchema.Column[] inputs) : base(schema)
            {
                if (Array.Exists(inputs, c => c.Type != NumberDataViewType.Single))
                    throw Errors.NotSupported("an expression of other than Single columns");
                (_output, _inputs) = (output, inputs);
            }

            public override DataViewSchema.DetachedColumn[] AddedColumns() => [new(_output, NumberDataViewType.Single, null)];
            public override IEnumerable<int> DependenciesOf(int added) => _inputs.Select(c => c.Index);

            public override Delegate[] CreateGetters(DataViewRow input, Func<int, bool> active)
            {
                var getters = Array.ConvertAll(_inputs, c => input.GetGetter<float>(input.Schema[c.Index]));
                return
                [
                    (ValueGetter<float>)((ref float product) =>
                    {
                        product = 1;
                        var factor = 0f;
                        foreach (var getter in getters)
                        {
                            getter(ref factor);
                            product *= factor;
                        }
                    }),
                ];
            }
        }
    }
}
