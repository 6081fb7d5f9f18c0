using Microsoft.ML.Trainers;

namespace Microsoft.ML.Data;

/// <summary>A model that gives each class a score.</summary>
internal interface IClassScores
{
    int Classes { get; }

    int Features { get; }

    void Score(in VBuffer<float> features, Span<float> scores);
}

/// <summary>Adds PredictedLabel, the key of the class with the highest score, and Score, the scores of all classes.</summary>
public sealed class MulticlassPredictionTransformer<TModel> : SingleFeaturePredictionTransformerBase<TModel>
    where TModel : class
{
    private readonly IClassScores _scores;
    private readonly DataViewSchema.Annotations _keyValues;

    internal MulticlassPredictionTransformer(TModel model, string featureColumnName, DataViewType featureColumnType, DataViewSchema.Annotations keyValues)
        : base(model, featureColumnName, featureColumnType)
    {
        _scores = model as IClassScores ?? throw Errors.NotSupported($"predictions of {typeof(TModel)}");
        _keyValues = keyValues;
    }

    private protected override RowMapper MakeRowMapper(DataViewSchema inputSchema) => new Mapper(this, inputSchema);

    private protected override void SaveBody(BinaryWriter writer)
    {
        writer.WritePart((ICanSaveModel)Model);
        writer.Write(FeatureColumnName);
        writer.WriteType(FeatureColumnType);
        var values = _keyValues.Schema.GetColumnOrNull(AnnotationKinds.KeyValues);
        writer.Write(values.HasValue);
        if (values is not { Type: VectorDataViewType type })
            return;
        writer.WriteType(type.ItemType);
        Generic.Call<object>(WriteKeyValues<int>, [type.ItemType.RawType], writer, _keyValues);
    }

    private static object WriteKeyValues<T>(BinaryWriter writer, DataViewSchema.Annotations keyValues)
    {
        VBuffer<T> values = default;
        keyValues.GetValue(AnnotationKinds.KeyValues, ref values);
        writer.WriteValues(values.DenseValues().ToArray());
        return null;
    }

    private sealed class Mapper : RowMapper
    {
        private readonly MulticlassPredictionTransformer<TModel> _parent;
        private readonly DataViewSchema.Column _features;

        public Mapper(MulticlassPredictionTransformer<TModel> parent, DataViewSchema schema)
            : base(schema)
        {
            _parent = parent;
            _features = schema.GetColumnOrNull(parent.FeatureColumnName) ?? throw Errors.NoColumn(parent.FeatureColumnName, "feature");
            if (_features.Type is not VectorDataViewType { ItemType: var item } vector || vector.Size != parent._scores.Features || !item.Equals(NumberDataViewType.Single))
                throw new InvalidOperationException($"The model needs {parent._scores.Features} features of type Single, column '{_features.Name}' is {_features.Type}.");
        }

        public override DataViewSchema.DetachedColumn[] AddedColumns() =>
            MulticlassColumns.Make(_parent._scores.Classes, _parent._keyValues, ScoreColumns.NextSetId(InputSchema));

        public override IEnumerable<int> DependenciesOf(int added) => [_features.Index];

        /// <summary>The getters of one row object share its scores, computed once for each position.</summary>
        public override Delegate[] CreateGetters(DataViewRow input, Func<int, bool> active)
        {
            var getFeatures = input.GetGetter<VBuffer<float>>(input.Schema[_features.Index]);
            var model = _parent._scores;
            var scores = new float[model.Classes];
            var position = -1L;
            VBuffer<float> features = default;
            ValueGetter<uint> predictedLabel = (ref uint value) => value = HighestKey(Scores());
            ValueGetter<VBuffer<float>> score = (ref VBuffer<float> value) => VBuffer<float>.Copy(Scores(), 0, ref value, scores.Length);
            return [predictedLabel, score];

            float[] Scores()
            {
                if (position != input.Position)
                {
                    getFeatures(ref features);
                    model.Score(features, scores);
                    position = input.Position;
                }

                return scores;
            }
        }

        /// <summary>The first of equals; 0, missing, if one is no number.</summary>
        private static uint HighestKey(float[] scores)
        {
            var highest = 0;
            for (var k = 0; k < scores.Length; k++)
            {
                if (float.IsNaN(scores[k]))
                    return 0;
                if (scores[k] > scores[highest])
                    highest = k;
            }

            return (uint)highest + 1;
        }
    }
}

internal static class MulticlassPredictionTransformer
{
    public static ITransformer Load(BinaryReader reader)
    {
        var model = reader.ReadPart<ICanSaveModel>();
        var (name, type) = (reader.ReadString(), reader.ReadType());
        var builder = new DataViewSchema.Annotations.Builder();
        if (reader.ReadBoolean() && reader.ReadType() is PrimitiveDataViewType item)
            Generic.Call<object>(AddKeyValues<int>, [item.RawType], reader, builder, item);
        return model is OneVersusAllModelParameters oneVersusAll
            ? new MulticlassPredictionTransformer<OneVersusAllModelParameters>(oneVersusAll, name, type, builder.ToAnnotations())
            : new MulticlassPredictionTransformer<MaximumEntropyModelParameters>((MaximumEntropyModelParameters)model, name, type, builder.ToAnnotations());
    }

    private static object AddKeyValues<T>(BinaryReader reader, DataViewSchema.Annotations.Builder builder, PrimitiveDataViewType item)
    {
        builder.AddVector(AnnotationKinds.KeyValues, item, reader.ReadValues<T>());
        return null;
    }
}
