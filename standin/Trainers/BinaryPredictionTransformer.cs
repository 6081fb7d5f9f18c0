using Microsoft.ML.Calibrators;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Data;

public abstract class PredictionTransformerBase<TModel> : IPredictionTransformer<TModel>, IDisposable
    where TModel : class
{
    private protected PredictionTransformerBase(TModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        Model = model;
    }

    public TModel Model { get; }

    bool ITransformer.IsRowToRowMapper => true;

    public abstract DataViewSchema GetOutputSchema(DataViewSchema inputSchema);

    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new MappedDataView(input, MakeRowMapper(input.Schema));
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return new RowMapping(MakeRowMapper(inputSchema));
    }

    void ICanSaveModel.Save(ModelSaveContext ctx) => ctx.Write(this, SaveBody);

    public void Dispose() => GC.SuppressFinalize(this);

    private protected abstract RowMapper MakeRowMapper(DataViewSchema inputSchema);

    private protected abstract void SaveBody(BinaryWriter writer);
}

public abstract class SingleFeaturePredictionTransformerBase<TModel> : PredictionTransformerBase<TModel>, ISingleFeaturePredictionTransformer<TModel>
    where TModel : class
{
    private protected SingleFeaturePredictionTransformerBase(TModel model, string featureColumnName, DataViewType featureColumnType)
        : base(model)
    {
        FeatureColumnName = featureColumnName;
        FeatureColumnType = featureColumnType;
    }

    public string FeatureColumnName { get; }

    public DataViewType FeatureColumnType { get; }

    public sealed override DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        var type = (inputSchema.GetColumnOrNull(FeatureColumnName) ?? throw Errors.NoColumn(FeatureColumnName, "feature")).Type;
        return type.Equals(FeatureColumnType)
            ? new RowMapping(MakeRowMapper(inputSchema)).OutputSchema
            : throw Errors.Mismatch("feature", FeatureColumnName, FeatureColumnType.ToString(), type.ToString());
    }
}

/// <summary>
/// Adds PredictedLabel (score above the threshold), Score and, of a calibrated model, Probability. In the stand-in the
/// model is linear.
/// </summary>
public sealed class BinaryPredictionTransformer<TModel> : SingleFeaturePredictionTransformerBase<TModel>
    where TModel : class
{
    private readonly LinearModelParameters _linear;
    private readonly ICalibrator _calibrator;

    internal BinaryPredictionTransformer(TModel model, string featureColumnName, DataViewType featureColumnType, float threshold = 0)
        : base(model, featureColumnName, featureColumnType)
    {
        var calibrated = model as CalibratedModelParametersBase;
        _calibrator = calibrated?.Calibrator;
        _linear = (calibrated == null ? model : calibrated.SubModel) as LinearModelParameters
            ?? throw Errors.NotSupported($"predictions of {typeof(TModel)}");
        Threshold = threshold;
    }

    internal float Threshold { get; }

    private protected override RowMapper MakeRowMapper(DataViewSchema inputSchema) => new Mapper(this, inputSchema);

    private protected override void SaveBody(BinaryWriter writer)
    {
        writer.WritePart((ICanSaveModel)Model);
        writer.Write(FeatureColumnName);
        writer.WriteType(FeatureColumnType);
        writer.Write(Threshold);
    }

    private sealed class Mapper : RowMapper
    {
        private readonly BinaryPredictionTransformer<TModel> _parent;
        private readonly DataViewSchema.Column _features;

        public Mapper(BinaryPredictionTransformer<TModel> parent, DataViewSchema schema)
            : base(schema)
        {
            _parent = parent;
            _features = schema.GetColumnOrNull(parent.FeatureColumnName) ?? throw Errors.NoColumn(parent.FeatureColumnName, "feature");
            var wanted = new VectorDataViewType(NumberDataViewType.Single, parent._linear.Weights.Count);
            if (_features.Type is not VectorDataViewType { ItemType: var item } vector || vector.Size != wanted.Size || !item.Equals(wanted.ItemType))
                throw new InvalidOperationException($"The model needs features of type {wanted}, column '{_features.Name}' has {_features.Type}.");
        }

        public override DataViewSchema.DetachedColumn[] AddedColumns()
        {
            var id = ScoreColumns.NextSetId(InputSchema);
            var columns = new List<DataViewSchema.DetachedColumn>
            {
                ScoreColumns.Make(ScoreColumns.PredictedLabel, BooleanDataViewType.Instance, id),
                ScoreColumns.Make(ScoreColumns.Score, NumberDataViewType.Single, id),
            };
            if (_parent._calibrator != null)
                columns.Add(ScoreColumns.Make(ScoreColumns.Probability, NumberDataViewType.Single, id));
            return columns.ToArray();
        }

        public override IEnumerable<int> DependenciesOf(int added) => [_features.Index];

        /// <summary>The getters of one row object share its score, computed once for each position.</summary>
        public override Delegate[] CreateGetters(DataViewRow input, Func<int, bool> active)
        {
            var getFeatures = input.GetGetter<VBuffer<float>>(input.Schema[_features.Index]);
            var (linear, calibrator, threshold) = (_parent._linear, _parent._calibrator, _parent.Threshold);
            VBuffer<float> features = default;
            var (position, score) = (-1L, 0f);
            ValueGetter<bool> predictedLabel = (ref bool value) => value = Score() > threshold;
            ValueGetter<float> scoreColumn = (ref float value) => value = Score();
            ValueGetter<float> probability = (ref float value) => value = calibrator.PredictProbability(Score());
            return calibrator == null ? [predictedLabel, scoreColumn] : [predictedLabel, scoreColumn, probability];

            float Score()
            {
                if (position != input.Position)
                {
                    getFeatures(ref features);
                    score = linear.Score(features);
                    position = input.Position;
                }

                return score;
            }
        }
    }
}

internal static class BinaryPredictionTransformer
{
    public static ITransformer Load(BinaryReader reader)
    {
        var model = reader.ReadPart<ICanSaveModel>();
        var (name, type, threshold) = (reader.ReadString(), reader.ReadType(), reader.ReadSingle());
        return model is CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator> calibrated
            ? new BinaryPredictionTransformer<CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator>>(calibrated, name, type, threshold)
            : new BinaryPredictionTransformer<LinearBinaryModelParameters>((LinearBinaryModelParameters)model, name, type, threshold);
    }
}
