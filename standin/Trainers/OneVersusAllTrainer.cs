using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;

namespace Microsoft.ML.Trainers;

public abstract class MetaMulticlassTrainer<TTransformer, TModel> : ITrainerEstimator<TTransformer, TModel>
    where TTransformer : ISingleFeaturePredictionTransformer<TModel>
    where TModel : class
{
    private protected MetaMulticlassTrainer(string labelColumnName, bool needNormalization)
    {
        ArgumentNullException.ThrowIfNull(labelColumnName);
        LabelColumnName = labelColumnName;
        Info = new(needNormalization, wantCaching: true);
    }

    public TrainerInfo Info { get; }

    private protected string LabelColumnName { get; }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        ScoreColumns.Check(inputSchema, MulticlassColumns.Label(LabelColumnName), "label");
        return MulticlassColumns.AddTo(inputSchema, LabelColumnName);
    }

    public abstract TTransformer Fit(IDataView input);
}

/// <summary>A binary model for each class against all others. As in Microsoft.ML 5.0 the first class is fitted twice.</summary>
public sealed class OneVersusAllTrainer : MetaMulticlassTrainer<MulticlassPredictionTransformer<OneVersusAllModelParameters>, OneVersusAllModelParameters>
{
    private readonly BinaryTrainer _trainer;
    private readonly int _maximumCalibrationExampleCount;
    private readonly bool _useProbabilities;

    internal OneVersusAllTrainer(
        BinaryTrainer trainer, string labelColumnName, bool imputeMissingLabelsAsNegative, int maximumCalibrationExampleCount, bool useProbabilities)
        : base(labelColumnName, trainer.Info.NeedNormalization)
    {
        // Microsoft.ML 5.0 takes rows with a missing label as negatives, whatever this says.
        _ = imputeMissingLabelsAsNegative;
        (_trainer, _maximumCalibrationExampleCount, _useProbabilities) = (trainer, maximumCalibrationExampleCount, useProbabilities);
    }

    public override MulticlassPredictionTransformer<OneVersusAllModelParameters> Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var label = input.Schema.GetColumnOrNull(LabelColumnName) ?? throw Errors.NoColumn(LabelColumnName, "label");
        if (label.Type is not KeyDataViewType || label.Type.RawType != typeof(uint))
            throw Errors.Mismatch("label", LabelColumnName, "Key<UInt32>", label.Type.ToString());
        _ = FitClass(input, label, 0);
        var fitted = Enumerable.Range(0, (int)MulticlassColumns.KeyCount(label)).Select(k => FitClass(input, label, k)).ToArray();
        var features = fitted[0].FeatureColumn;
        return new(
            new OneVersusAllModelParameters(Array.ConvertAll(fitted, f => f.Model), _useProbabilities), features, input.Schema[features].Type, MulticlassColumns.KeyValues(label));
    }

    private (object Model, string FeatureColumn) FitClass(IDataView input, DataViewSchema.Column label, int k)
    {
        var view = new MappedDataView(input, new IsClass(input.Schema, label, (uint)k + 1));
        var (model, features, scored) = _trainer.Fit(view);
        return (_useProbabilities && model is LinearBinaryModelParameters linear ? Calibrated(linear, scored()) : model, features);
    }

    private ParameterMixingCalibratedModelParameters<LinearBinaryModelParameters, PlattCalibrator> Calibrated(LinearBinaryModelParameters model, IDataView scored)
    {
        var examples = scored.GetColumn<float>(ScoreColumns.Score).Zip(scored.GetColumn<bool>(LabelColumnName), (score, label) => (score, label, 1f))
            .Where(e => float.IsFinite(e.score)).Take(_maximumCalibrationExampleCount).ToArray();
        return new(model, PlattCalibrator.Fit(examples));
    }

    /// <summary>A trainer of binary models, whatever their type.</summary>
    internal abstract class BinaryTrainer
    {
        public abstract TrainerInfo Info { get; }

        public static BinaryTrainer Of<TModel>(ITrainerEstimator<BinaryPredictionTransformer<TModel>, TModel> trainer)
            where TModel : class => new Of<TModel>(trainer);

        /// <summary>The model, its feature column and the scored training data.</summary>
        public abstract (object Model, string FeatureColumn, Func<IDataView> Scored) Fit(IDataView view);
    }

    private sealed class Of<TModel>(ITrainerEstimator<BinaryPredictionTransformer<TModel>, TModel> trainer) : BinaryTrainer
        where TModel : class
    {
        public override TrainerInfo Info => trainer.Info;

        public override (object Model, string FeatureColumn, Func<IDataView> Scored) Fit(IDataView view)
        {
            var transformer = trainer.Fit(view);
            return (transformer.Model, transformer.FeatureColumnName, () => transformer.Transform(view));
        }
    }

    /// <summary>Puts whether a row is of a class in the place of its label.</summary>
    private sealed class IsClass(DataViewSchema schema, DataViewSchema.Column label, uint key) : RowMapper(schema)
    {
        public override DataViewSchema.DetachedColumn[] AddedColumns() => [new(label.Name, BooleanDataViewType.Instance, null)];

        public override IEnumerable<int> DependenciesOf(int added) => [label.Index];

        public override Delegate[] CreateGetters(DataViewRow input, Func<int, bool> active) =>
            [ItemMap.Getter(input, input.Schema[label.Index], (uint value) => value == key, keepSparse: false)];
    }
}
