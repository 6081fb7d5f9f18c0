
using System.Collections;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Bench;

/// <summary>A dense row as a user's class has it.</summary>
internal sealed class DenseExample
{
    public bool Label { get; set; }

    public float[] Features { get; set; } = [];
}

/// <summary>A sparse row.</summary>
internal sealed class SparseExample
{
    public bool Label { get; set; }

    public VBuffer<float> Features { get; set; }
}

/// <summary>
/// Two overlapping classes, one of them rare, drawn anew, and alike, each time the rows are enumerated. Dense: correlated Gaussians whose
/// means are <see cref="Distance"/> apart. Sparse: positive values in columns of which a few are much more frequent than the rest, and some
/// more frequent in the rare class.
/// </summary>
/// <param name="RowCount">Rows.</param>
/// <param name="FeatureCount">Features.</param>
/// <param name="PositiveRate">How likely a row is positive; the first row always is.</param>
/// <param name="Density">Share of the values that are not zero; 1 makes dense rows.</param>
/// <param name="Seed">Other rows of the same classes come from another seed.</param>
internal sealed record SkewedData(int RowCount, int FeatureCount, double PositiveRate, double Density = 1, int Seed = 1)
{
    private const double Distance = 2.5;
    private const float Correlation = .5f;
    private const double TellingShare = .1;
    private const int TellingStep = 97;

    /// <summary>All rows, each an object of its own.</summary>
    public IReadOnlyList<DenseExample> Materialise()
        => [.. DenseRows().Select(row => new DenseExample { Label = row.Label, Features = [.. row.Features] })];

    /// <summary>The rows of a list as a view that is not cached.</summary>
    public IDataView View(MLContext mlContext, IEnumerable<DenseExample> rows)
        => mlContext.Data.LoadFromEnumerable(rows, Definition<DenseExample>());

    /// <summary>All rows in a cache that has been filled.</summary>
    public IDataView Cached(MLContext mlContext)
        => Fill(mlContext, Density < 1
            ? mlContext.Data.LoadFromEnumerable(new Again<SparseExample>(SparseRows), Definition<SparseExample>())
            : View(mlContext, new Again<DenseExample>(DenseRows)));

    /// <summary>A cached copy of a view, filled before anyone's time is taken.</summary>
    public static IDataView Fill(MLContext mlContext, IDataView view)
    {
        var cached = mlContext.Data.Cache(view, "Label", "Features");
        LinearFit.ForEach(cached, static (bool _, in VBuffer<float> _) => { });
        return cached;
    }

    /// <summary>The rows in one object whose content changes.</summary>
    public IEnumerable<DenseExample> DenseRows()
    {
        var shape = new Random(17);
        double[] shifts = [.. Enumerable.Range(0, FeatureCount).Select(_ => Normal(shape).First)];
        var norm = Math.Sqrt(shifts.Sum(s => s * s));
        float[] means = [.. shifts.Select(s => (float)(Distance * s / norm))];
        var random = new Random(Seed);
        var row = new DenseExample { Features = new float[FeatureCount] };
        for (var i = 0; i < RowCount; i++)
        {
            row.Label = i == 0 || random.NextDouble() < PositiveRate;
            var common = Correlation * Normal(random).First;
            for (var j = 0; j < FeatureCount; j += 2)
            {
                var (first, second) = Normal(random);
                row.Features[j] = common + first + (row.Label ? means[j] : 0);
                if (j + 1 < FeatureCount)
                    row.Features[j + 1] = common + second + (row.Label ? means[j + 1] : 0);
            }

            yield return row;
        }
    }

    private IEnumerable<SparseExample> SparseRows()
    {
        var random = new Random(Seed);
        var perRow = (int)Math.Round(Density * FeatureCount);
        var columns = new SortedSet<int>();
        for (var i = 0; i < RowCount; i++)
        {
            var label = i == 0 || random.NextDouble() < PositiveRate;
            columns.Clear();
            while (columns.Count < perRow)
            {
                var column = (int)(FeatureCount * Math.Pow(random.NextDouble(), 3));
                columns.Add(label && random.NextDouble() < TellingShare ? column / TellingStep * TellingStep : column);
            }

            float[] values = [.. columns.Select(_ => .5f + random.NextSingle())];
            yield return new() { Label = label, Features = new VBuffer<float>(FeatureCount, perRow, values, [.. columns]) };
        }
    }

    private SchemaDefinition Definition<T>()
    {
        var definition = SchemaDefinition.Create(typeof(T));
        definition["Features"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, FeatureCount);
        return definition;
    }

    private static (float First, float Second) Normal(Random random)
    {
        var radius = MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle()));
        var (sin, cos) = MathF.SinCos(2 * MathF.PI * random.NextSingle());
        return (radius * cos, radius * sin);
    }

    /// <summary>An enumerable for a view that reads more than once.</summary>
    private sealed class Again<T>(Func<IEnumerable<T>> rows) : IEnumerable<T>
    {
        public IEnumerator<T> GetEnumerator() => rows().GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
