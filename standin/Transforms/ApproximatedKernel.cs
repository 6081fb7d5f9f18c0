using System.Numerics;
using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

public abstract class KernelBase
{
    private protected KernelBase() { }
}

/// <summary>exp(-gamma |x - y|² / m), m being the median of |x - y|² over pairs of the training rows.</summary>
public sealed class GaussianKernel : KernelBase
{
    public GaussianKernel(float gamma = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(gamma);
        Gamma = gamma;
    }

    internal float Gamma { get; }
}

/// <summary>Random Fourier features (Rahimi and Recht): inner products of the output approximate the kernel.</summary>
public sealed class ApproximatedKernelMappingEstimator : IEstimator<ApproximatedKernelTransformer>
{
    private const int SampleSize = 5000;
    private readonly (string Output, string Input)[] _pairs;
    private readonly int _rank;
    private readonly bool _cosAndSin;
    private readonly float _gamma;
    private readonly int? _seed;
    private readonly MLContext _context;

    internal ApproximatedKernelMappingEstimator((string Output, string Input)[] pairs, int rank, bool useCosAndSinBases, KernelBase generator,
        int? seed, MLContext context)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rank);
        _gamma = ((GaussianKernel)generator ?? new GaussianKernel()).Gamma;
        (_pairs, _rank, _cosAndSin, _seed, _context) = (pairs, rank, useCosAndSinBases, seed, context);
    }

    public ApproximatedKernelTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var column = input.Schema.Input(_pairs[0].Input);
        var size = ApproximatedKernelTransformer.SizeOf(column);
        var random = _context.NewRandom(_seed);
        var deviation = Math.Sqrt(2 * _gamma / MedianDistance(input, column, random));
        var frequencies = new float[_rank * size];
        for (var i = 0; i < frequencies.Length; i++)
        {
            // A normal deviate by Box and Muller
            var radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            frequencies[i] = (float)(deviation * radius * Math.Cos(2 * Math.PI * random.NextDouble()));
        }

        // The original draws phases from half a circle, not from a whole one; so does this.
        var phases = new float[_cosAndSin ? 0 : _rank];
        for (var i = 0; i < phases.Length; i++)
            phases[i] = (random.NextSingle() - 0.5f) * MathF.PI;
        return new ApproximatedKernelTransformer(_pairs, size, frequencies, phases);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        var column = inputSchema.Require(_pairs[0].Input);
        if (column.ItemType != NumberDataViewType.Single || column.Kind != SchemaShape.Column.VectorKind.Vector)
            throw Errors.Mismatch("input", column.Name, "a vector of Single of known size", column.TypeText());
        return inputSchema.With(new SchemaShape.Column(_pairs[0].Output, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false));
    }

    /// <summary>The median of |x - y|² over pairs of a random sample of the rows, or 1 if it is 0 or there are no pairs.</summary>
    private static double MedianDistance(IDataView input, DataViewSchema.Column column, Random random)
    {
        var sample = new List<float[]>();
        var seen = 0L;
        foreach (var row in input.GetColumn<float[]>(column))
        {
            var at = seen++ < SampleSize ? sample.Count : random.NextInt64(seen);
            if (at == sample.Count)
                sample.Add(row);
            else if (at < SampleSize)
                sample[(int)at] = row;
        }
        var n = sample.Count;
        var pairs = n * (n - 1L) <= SampleSize
            ? Enumerable.Range(0, n).SelectMany(i => Enumerable.Range(i + 1, n - i - 1).Select(j => (i, j)))
            : Enumerable.Range(0, SampleSize / 2).Select(_ => (i: random.Next(n), j: random.Next(n)));
        var distances = pairs.Select(p => sample[p.i].Zip(sample[p.j], (x, y) => (double)(x - y) * (x - y)).Sum())
            .Where(d => !double.IsNaN(d)).Order().ToArray();
        var median = distances.Length == 0 ? 0 : (distances[(distances.Length - 1) / 2] + distances[distances.Length / 2]) / 2;
        return median == 0 ? 1 : median;
    }
}

public sealed class ApproximatedKernelTransformer : OneToOneTransformerBase
{
    private readonly int _size;
    private readonly float[] _frequencies;
    private readonly float[] _phases;

    internal ApproximatedKernelTransformer((string Output, string Input)[] pairs, int size, float[] frequencies, float[] phases) : base(pairs) =>
        (_size, _frequencies, _phases) = (size, frequencies, phases);
    private int Rank => _frequencies.Length / _size;
    private bool CosAndSin => _phases.Length == 0;
    internal static ApproximatedKernelTransformer Load(BinaryReader reader) =>
        new(reader.ReadPairs(), reader.ReadInt32(), reader.ReadValues<float>(), reader.ReadValues<float>());
    internal static int SizeOf(DataViewSchema.Column input) =>
        input.Type is VectorDataViewType { IsKnownSize: true } vector && vector.ItemType == NumberDataViewType.Single ? vector.Size
            : throw Errors.Mismatch("input", input.Name, "a vector of Single of known size", input.Type.ToString());
    private protected override DataViewType OutputType(int pair, DataViewSchema.Column input, DataViewSchema.Annotations.Builder annotations) =>
        SizeOf(input) == _size ? new VectorDataViewType(NumberDataViewType.Single, CosAndSin ? 2 * Rank : Rank)
            : throw Errors.Mismatch("input", input.Name, new VectorDataViewType(NumberDataViewType.Single, _size).ToString(), input.Type.ToString());

    private protected override Delegate CreateGetter(int pair, DataViewRow row, DataViewSchema.Column input)
    {
        var getter = row.GetGetter<VBuffer<float>>(input);
        var dense = new float[_size];
        var scale = MathF.Sqrt((CosAndSin ? 1f : 2f) / Rank);
        VBuffer<float> source = default;
        return (ValueGetter<VBuffer<float>>)((ref VBuffer<float> result) =>
        {
            getter(ref source);
            if (source.Length != _size)
                throw new InvalidOperationException($"A vector of {_size} slots is expected, not of {source.Length}");
            source.CopyTo(dense);
            var editor = VBufferEditor.Create(ref result, CosAndSin ? 2 * Rank : Rank);
            for (var i = 0; i < Rank; i++)
            {
                var product = Dot(_frequencies.AsSpan(i * _size, _size), dense);
                editor.Values[CosAndSin ? 2 * i : i] = MathF.Cos(product + (CosAndSin ? 0 : _phases[i])) * scale;
                if (CosAndSin)
                    editor.Values[(2 * i) + 1] = MathF.Sin(product) * scale;
            }
            result = editor.Commit();
        });
    }

    private protected override void SaveBody(BinaryWriter writer)
    {
        writer.WritePairs(ColumnPairs);
        writer.Write(_size);
        writer.WriteValues(_frequencies);
        writer.WriteValues(_phases);
    }

    private static float Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        var sum = 0f;
        var i = 0;
        for (; i <= x.Length - Vector<float>.Count; i += Vector<float>.Count)
            sum += Vector.Dot(new Vector<float>(x[i..]), new Vector<float>(y[i..]));
        for (; i < x.Length; i++)
            sum += x[i] * y[i];
        return sum;
    }
}
