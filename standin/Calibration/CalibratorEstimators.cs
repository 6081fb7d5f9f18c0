using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Calibrators;

/// <summary>Fits a calibrator on a score column; the fitted transformer adds the column Probability.</summary>
public abstract class CalibratorEstimatorBase<TICalibrator> : IEstimator<CalibratorTransformer<TICalibrator>>
    where TICalibrator : class, ICalibrator
{
    private readonly string _label, _score, _weight;
    private readonly Func<List<(float Score, bool Positive, float Weight)>, CalibratorTransformer<TICalibrator>> _fit;

    /// <summary>Without a label there is nothing to learn, and the data is not read.</summary>
    private protected CalibratorEstimatorBase(
        string label, string score, string weight, Func<List<(float Score, bool Positive, float Weight)>, CalibratorTransformer<TICalibrator>> fit)
    {
        Argument.NonEmpty(score, nameof(score));
        (_label, _score, _weight, _fit) = (label, score, weight, fit);
    }

    public CalibratorTransformer<TICalibrator> Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return _fit(_label == null ? [] : Read(input));
    }

    SchemaShape IEstimator<CalibratorTransformer<TICalibrator>>.GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        ScoreColumns.Check(inputSchema, _score, "score", NumberDataViewType.Single);
        ScoreColumns.Check(inputSchema, _weight, "weight", NumberDataViewType.Single);
        ScoreColumns.Check(inputSchema, _label, "label", BooleanDataViewType.Instance);
        return inputSchema.With(ScoreColumns.Shape(ScoreColumns.Probability, NumberDataViewType.Single));
    }

    /// <summary>The rows with finite score and weight.</summary>
    private List<(float Score, bool Positive, float Weight)> Read(IDataView input)
    {
        var schema = input.Schema;
        DataViewSchema.Column[] columns = [schema[_label], schema[_score], .. _weight == null ? [] : new[] { schema[_weight] }];
        using var cursor = input.GetRowCursor(columns);
        var getLabel = cursor.GetGetter<bool>(columns[0]);
        var getScore = cursor.GetGetter<float>(columns[1]);
        var getWeight = _weight == null ? (ref float one) => one = 1 : cursor.GetGetter<float>(columns[2]);

        var examples = new List<(float Score, bool Positive, float Weight)>();
        var (positive, score, weight) = (false, 0f, 0f);
        while (cursor.MoveNext())
        {
            getLabel(ref positive);
            getScore(ref score);
            getWeight(ref weight);
            if (float.IsFinite(score) && float.IsFinite(weight) && weight != 0)
                examples.Add((score, positive, weight));
        }

        return examples;
    }
}

public abstract class CalibratorTransformer<TICalibrator> : RowToRowTransformerBase, ISingleFeaturePredictionTransformer<TICalibrator>
    where TICalibrator : class, ICalibrator
{
    private readonly TICalibrator _calibrator;
    private readonly string _score;

    private protected CalibratorTransformer(TICalibrator calibrator, string score)
    {
        _calibrator = calibrator;
        _score = score;
    }

    string ISingleFeaturePredictionTransformer<TICalibrator>.FeatureColumnName => ScoreColumns.Score;

    DataViewType ISingleFeaturePredictionTransformer<TICalibrator>.FeatureColumnType => NumberDataViewType.Single;

    TICalibrator IPredictionTransformer<TICalibrator>.Model => _calibrator;

    private protected sealed override RowMapper MakeRowMapper(DataViewSchema inputSchema) => new Mapper(this, inputSchema);

    private protected sealed override void SaveBody(BinaryWriter writer)
    {
        writer.WritePart((ICanSaveModel)_calibrator);
        writer.Write(_score);
    }

    private sealed class Mapper : RowMapper
    {
        private readonly CalibratorTransformer<TICalibrator> _parent;
        private readonly DataViewSchema.Column _score;

        public Mapper(CalibratorTransformer<TICalibrator> parent, DataViewSchema schema)
            : base(schema)
        {
            _parent = parent;
            _score = schema.GetColumnOrNull(parent._score)
                ?? throw new InvalidOperationException($"There is no score column '{parent._score}'.");
        }

        public override DataViewSchema.DetachedColumn[] AddedColumns()
        {
            var annotations = new DataViewSchema.Annotations.Builder();
            annotations.Add(_score.Annotations, ScoreColumns.IsScoreKind);
            annotations.AddPrimitiveValue(AnnotationKinds.IsNormalized, BooleanDataViewType.Instance, true);
            return [new DataViewSchema.DetachedColumn(ScoreColumns.Probability, NumberDataViewType.Single, annotations.ToAnnotations())];
        }

        public override IEnumerable<int> DependenciesOf(int added) => [_score.Index];

        public override Delegate[] CreateGetters(DataViewRow input, Func<int, bool> active)
        {
            var getScore = input.GetGetter<float>(input.Schema[_score.Index]);
            var calibrator = _parent._calibrator;
            var score = 0f;
            return
            [
                (ValueGetter<float>)((ref float probability) =>
                {
                    getScore(ref score);
                    probability = calibrator.PredictProbability(score);
                }),
            ];
        }
    }
}

public sealed class PlattCalibratorTransformer : CalibratorTransformer<PlattCalibrator>
{
    internal PlattCalibratorTransformer(PlattCalibrator calibrator, string score)
        : base(calibrator, score) { }

    internal static PlattCalibratorTransformer Load(BinaryReader reader) => new(reader.ReadPart<PlattCalibrator>(), reader.ReadString());
}

public sealed class PlattCalibratorEstimator : CalibratorEstimatorBase<PlattCalibrator>
{
    internal PlattCalibratorEstimator(string label, string score, string weight)
        : base(label, score, weight, examples => new PlattCalibratorTransformer(PlattCalibrator.Fit(examples), score)) =>
        Argument.NonEmpty(label, nameof(label));
}

public sealed class FixedPlattCalibratorEstimator : CalibratorEstimatorBase<PlattCalibrator>
{
    internal FixedPlattCalibratorEstimator(double slope, double offset, string score)
        : base(null, score, null, _ => new PlattCalibratorTransformer(new PlattCalibrator(slope, offset), score)) { }
}
