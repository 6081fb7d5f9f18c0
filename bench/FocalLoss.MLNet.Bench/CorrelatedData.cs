using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Bench;

/// <summary>
/// Rows of a logistic model with ten drivers: Gaussian features, each correlated with the one before, and labels drawn by the true
/// probability, so that no plane separates them.
/// </summary>
/// <param name="RowCount">Rows.</param>
/// <param name="FeatureCount">Features.</param>
/// <param name="PositiveRate">The probability of a positive where all features are 0.</param>
/// <param name="Correlation">Of neighbouring features.</param>
/// <param name="Seed">Other rows of the same model come from another seed.</param>
internal sealed record CorrelatedData(int RowCount, int FeatureCount, double PositiveRate, double Correlation, int Seed = 1)
{
    private const int Drivers = 10;
    private const double Effect = .5;

    /// <summary>Features row after row, and labels.</summary>
    public (float[] Features, bool[] Labels) Materialise()
    {
        var features = new float[(long)RowCount * FeatureCount];
        var labels = new bool[RowCount];
        var (random, fresh) = (new Random(Seed), Math.Sqrt(1 - Correlation * Correlation));
        var offset = Math.Log(PositiveRate / (1 - PositiveRate));
        for (var i = 0; i < RowCount; i++)
        {
            var row = features.AsSpan(i * FeatureCount, FeatureCount);
            double before = 0, score = offset;
            for (var j = 0; j < FeatureCount; j++)
            {
                before = j == 0 ? Normal(random) : Correlation * before + fresh * Normal(random);
                row[j] = (float)before;
                // Drivers all over the columns, in turns with and against.
                if (j % Math.Max(1, FeatureCount / Drivers) == 0)
                    score += j / Math.Max(1, FeatureCount / Drivers) % 2 == 0 ? Effect * before : -Effect * before;
            }

            labels[i] = i == 0 || random.NextDouble() < 1 / (1 + Math.Exp(-score));
        }

        return (features, labels);
    }

    /// <summary>All rows in a cache that has been filled.</summary>
    public IDataView Cached(MLContext mlContext)
    {
        var (features, labels) = Materialise();
        var definition = SchemaDefinition.Create(typeof(DenseExample));
        definition["Features"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, FeatureCount);
        return SkewedData.Fill(mlContext, mlContext.Data.LoadFromEnumerable(Rows(), definition));

        IEnumerable<DenseExample> Rows()
        {
            var row = new DenseExample { Features = new float[FeatureCount] };
            for (var i = 0; i < RowCount; i++)
            {
                features.AsSpan(i * FeatureCount, FeatureCount).CopyTo(row.Features);
                row.Label = labels[i];
                yield return row;
            }
        }
    }

    private static double Normal(Random random)
        => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
