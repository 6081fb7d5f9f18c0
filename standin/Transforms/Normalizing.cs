using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <summary>
/// Scales columns of Single, or vectors of them slot by slot: (x - offset) * scale. Values that are not finite do not
/// count for mean and variance, NaN does not for minimum and maximum; a constant slot becomes 0.
/// </summary>
public sealed class NormalizingEstimator : IEstimator<NormalizingTransformer>
{
    private readonly bool _meanVariance;
    private readonly (string Output, string Input)[] _pairs;
    private readonly long _maximumExampleCount;
    private readonly bool _fixZero;

    internal NormalizingEstimator(bool meanVariance, (string Output, string Input)[] pairs, long maximumExampleCount, bool fixZero)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumExampleCount, 2);
        (_meanVariance, _pairs, _maximumExampleCount, _fixZero) = (meanVariance, pairs, maximumExampleCount, fixZero);
    }

    public NormalizingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var columns = Array.ConvertAll(_pairs, p => input.Schema.Input(p.Input));
        Array.ForEach(columns, NormalizingTransformer.CheckType);
        using var cursor = input.GetRowCursor(columns);
        var learners = Array.ConvertAll(columns, c => new AffineLearner(cursor, c));
        for (var row = 0L; row < _maximumExampleCount && cursor.MoveNext(); row++)
            Array.ForEach(learners, l => l.Add());
        return new NormalizingTransformer(_pairs, Array.ConvertAll(learners, l => l.Learn(_meanVariance, _fixZero)));
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => inputSchema.With(Array.ConvertAll(_pairs, pair =>
    {
        var column = inputSchema.Require(pair.Input);
        if (column.IsKey || column.ItemType != NumberDataViewType.Single || column.Kind == SchemaShape.Column.VectorKind.VariableVector)
            throw Errors.Mismatch("input", column.Name, "Single or a vector of Single of known size", column.TypeText());
        var annotations = column.Annotations.Where(a => a.Name == AnnotationKinds.SlotNames)
            .Concat(SchemaAnnotationsExtensions.ShapeOf((AnnotationKinds.IsNormalized, false, BooleanDataViewType.Instance)));
        return new SchemaShape.Column(pair.Output, column.Kind, column.ItemType, false, new SchemaShape(annotations));
    }));
}

public sealed class NormalizingTransformer : OneToOneTransformerBase
{
    private readonly (float[] Scale, float[] Offset)[] _maps;

    internal NormalizingTransformer((string Output, string Input)[] pairs, (float[] Scale, float[] Offset)[] maps) : base(pairs) => _maps = maps;

    internal static NormalizingTransformer Load(BinaryReader reader) =>
        new(reader.ReadPairs(), reader.ReadArray(() => (reader.ReadValues<float>(), reader.ReadValues<float>())));

    internal static void CheckType(DataViewSchema.Column column)
    {
        if (column.Type.ItemType() == NumberDataViewType.Double)
            throw Errors.NotSupported($"normalizers for Double (column '{column.Name}')");
        if (column.Type.ItemType() != NumberDataViewType.Single || column.Type is VectorDataViewType { IsKnownSize: false })
            throw Errors.Mismatch("input", column.Name, "Single or a vector of Single of known size", column.Type.ToString());
    }

    private protected override DataViewType OutputType(int pair, DataViewSchema.Column input, DataViewSchema.Annotations.Builder annotations)
    {
        CheckType(input);
        if (_maps[pair].Scale.Length != ((input.Type as VectorDataViewType)?.Size ?? 1))
            throw Errors.Mismatch("input", input.Name, $"a vector of {_maps[pair].Scale.Length} slots", input.Type.ToString());
        annotations.AddPrimitiveValue(AnnotationKinds.IsNormalized, BooleanDataViewType.Instance, true);
        annotations.Add(input.Annotations, kind => kind == AnnotationKinds.SlotNames);
        return input.Type;
    }

    /// <summary>With no offsets 0 stays 0, and what is sparse stays sparse.</summary>
    private protected override Delegate CreateGetter(int pair, DataViewRow row, DataViewSchema.Column input)
    {
        var (scale, offset) = _maps[pair];
        var hasOffset = offset.Length > 0;
        if (input.Type is not VectorDataViewType)
            return ItemMap.Getter(row, input, (float value) => (value - (hasOffset ? offset[0] : 0)) * scale[0], keepSparse: true);
        var getter = row.GetGetter<VBuffer<float>>(input);
        VBuffer<float> source = default;
        return (ValueGetter<VBuffer<float>>)((ref VBuffer<float> result) =>
        {
            getter(ref source);
            if (source.Length != scale.Length)
                throw new InvalidOperationException($"A vector of {scale.Length} slots is expected, not of {source.Length}");
            if (hasOffset)
                source.CopyToDense(ref result);
            else
                source.CopyTo(ref result);
            var editor = VBufferEditor.CreateFromBuffer(ref result);
            for (var i = 0; i < editor.Values.Length; i++)
            {
                var slot = result.IsDense ? i : editor.Indices[i];
                editor.Values[i] = (editor.Values[i] - (hasOffset ? offset[slot] : 0)) * scale[slot];
            }
            result = editor.Commit();
        });
    }

    private protected override void SaveBody(BinaryWriter writer)
    {
        writer.WritePairs(ColumnPairs);
        writer.WriteArray(_maps, map =>
        {
            writer.WriteValues(map.Scale);
            writer.WriteValues(map.Offset);
        });
    }
}

/// <summary>Sees the values of a column once: Welford's mean and sum of squares over those that are not 0, minimum, maximum.</summary>
internal sealed class AffineLearner
{
    private readonly ValueGetter<VBuffer<float>> _getter;
    private readonly Slot[] _slots;
    private VBuffer<float> _values;
    private long _rows;

    public AffineLearner(DataViewRow row, DataViewSchema.Column column)
    {
        _getter = Getters.Vector<float>(row, row.Schema[column.Index]);
        _slots = new Slot[(column.Type as VectorDataViewType)?.Size ?? 1];
        Array.Fill(_slots, new Slot { Min = float.PositiveInfinity, Max = float.NegativeInfinity });
    }

    public void Add()
    {
        _getter(ref _values);
        if (_values.Length != _slots.Length)
            throw new InvalidOperationException($"A vector of {_slots.Length} slots is expected, not of {_values.Length}");
        _rows++;
        var values = _values.GetValues();
        for (var i = 0; i < values.Length; i++)
            _slots[_values.IsDense ? i : _values.GetIndices()[i]].Add(values[i]);
    }

    /// <summary>Scales and offsets; with fixZero no offsets.</summary>
    public (float[] Scale, float[] Offset) Learn(bool meanVariance, bool fixZero)
    {
        var scale = new float[_slots.Length];
        var offset = new float[fixZero ? 0 : _slots.Length];
        for (var i = 0; i < scale.Length; i++)
        {
            _slots[i].AddZeros(_rows);
            (scale[i], var center) = meanVariance ? _slots[i].MeanVariance(fixZero) : _slots[i].MinMax(fixZero);
            if (!fixZero)
                offset[i] = scale[i] == 0 ? 0 : center;
        }
        return (scale, offset);
    }

    private struct Slot
    {
        public float Min;
        public float Max;
        private double _mean;
        private double _squares;
        private long _seen;
        private long _finite;
        private long _notFinite;

        public void Add(float value)
        {
            _seen++;
            Min = value < Min ? value : Min;
            Max = value > Max ? value : Max;
            if (!float.IsFinite(value))
            {
                _notFinite++;
            }
            else if (value != 0)
            {
                var delta = value - _mean;
                _mean += delta / ++_finite;
                _squares += delta * (value - _mean);
            }
        }

        public void AddZeros(long rows)
        {
            Min = _seen < rows && Min > 0 ? 0 : Min;
            Max = _seen < rows && Max < 0 ? 0 : Max;
            var zeros = rows - _finite - _notFinite;
            if (zeros > 0)
            {
                _finite += zeros;
                var delta = -_mean;
                _mean += delta * zeros / _finite;
                _squares += delta * -_mean * zeros;
            }
        }

        public readonly (float Scale, float Offset) MinMax(bool fixZero) => !(Max > Min) ? (0, 0)
            : fixZero ? (1 / Math.Max(Math.Abs(Max), Math.Abs(Min)), 0)
            : (1 / (Max - Min), Min);

        public readonly (float Scale, float Offset) MeanVariance(bool fixZero)
        {
            var meanSquare = (_squares / _finite) + (fixZero ? _mean * _mean : 0);
            return _squares == 0 ? (0, 0) : (1 / (float)Math.Sqrt(meanSquare), (float)_mean);
        }
    }
}
