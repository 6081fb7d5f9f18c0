using Microsoft.ML.Data;

namespace Microsoft.ML.Trainers;

public abstract class TrainerEstimatorBase<TTransformer, TModel> : ITrainerEstimator<TTransformer, TModel>
    where TTransformer : ISingleFeaturePredictionTransformer<TModel>
    where TModel : class
{
    public readonly SchemaShape.Column FeatureColumn;
    public readonly SchemaShape.Column LabelColumn;
    public readonly SchemaShape.Column WeightColumn;

    private readonly Random _random;
    private readonly ClassifierKind _kind;

    private protected TrainerEstimatorBase(Random random, ClassifierKind kind, string label, string features, string weight)
    {
        Argument.NonEmpty(label, nameof(label));
        Argument.NonEmpty(features, nameof(features));
        _random = random;
        _kind = kind;
        FeatureColumn = new SchemaShape.Column(features, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false);
        LabelColumn = kind == ClassifierKind.Multiclass ? MulticlassColumns.Label(label)
            : new SchemaShape.Column(label, SchemaShape.Column.VectorKind.Scalar, BooleanDataViewType.Instance, false);
        if (weight != null)
            WeightColumn = new SchemaShape.Column(weight, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Single, false);
    }

    public abstract TrainerInfo Info { get; }

    public TTransformer Fit(IDataView input) => Train(input, null);

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        CheckInput(inputSchema);
        return _kind == ClassifierKind.Multiclass
            ? MulticlassColumns.AddTo(inputSchema, LabelColumn.Name) : ScoreColumns.AddTo(inputSchema, _kind == ClassifierKind.CalibratedBinary);
    }

    private protected TTransformer Train(IDataView data, LinearModelParameters initial)
    {
        ArgumentNullException.ThrowIfNull(data);
        CheckInput(SchemaShape.Create(data.Schema));
        var featureType = (VectorDataViewType)data.Schema[FeatureColumn.Name].Type;
        var length = featureType.Size;
        if (initial != null && initial.Weights.Count != length)
            throw new InvalidOperationException($"The model has {initial.Weights.Count} weights, the data has {length} features.");
        var examples = Example.ReadAll(data, FeatureColumn.Name, LabelColumn.Name, WeightColumn.Name);
        var classes = _kind == ClassifierKind.Multiclass ? (int)MulticlassColumns.KeyCount(data.Schema[LabelColumn.Name]) : 2;
        return MakeTransformer(TrainModel(examples, new DataShape(length, classes, data.CanShuffle), initial), data.Schema);
    }

    private protected abstract TModel TrainModel(Example[] examples, DataShape shape, LinearModelParameters initial);

    private protected abstract TTransformer MakeTransformer(TModel model, DataViewSchema schema);

    /// <summary>Another order of the examples for each pass.</summary>
    private protected void Shuffle<T>(T[] examples)
    {
        lock (_random)
            _random.Shuffle(examples);
    }

    private protected static void NoExamples(Example[] examples)
    {
        if (examples.Length == 0)
            throw new InvalidOperationException("There is no row to train on: each has a missing feature or an unusable weight.");
    }

    private void CheckInput(SchemaShape input)
    {
        ScoreColumns.Check(input, FeatureColumn, "feature");
        ScoreColumns.Check(input, WeightColumn, "weight");
        ScoreColumns.Check(input, LabelColumn, "label");
    }
}

/// <summary>What a trainer's models tell of a row.</summary>
internal enum ClassifierKind
{
    Binary,
    CalibratedBinary,
    Multiclass,
}

/// <summary>The number of features and of classes, and whether the order of the rows may be changed.</summary>
internal readonly record struct DataShape(int Features, int Classes, bool CanShuffle);

internal static class Argument
{
    /// <summary>A value out of its range is an error that names the argument.</summary>
    public static void Require(bool holds, string name, string range)
    {
        if (!holds)
            throw new ArgumentOutOfRangeException(name, $"{name} should be {range}");
    }

    public static void NonEmpty(string value, string name) => Require(!string.IsNullOrEmpty(value), name, "the name of a column, not empty");
}
