
using FocalMlNet.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Bench;

/// <summary>A row of one of several classes, with the weight that balances them.</summary>
internal sealed class MulticlassExample
{
    /// <summary>The class from 0, which a view makes a key from 1.</summary>
    public uint Label { get; set; }

    public float[] Features { get; set; } = [];

    public float Weight { get; set; } = 1;
}

/// <summary>The columns that judge a model.</summary>
internal sealed class MulticlassScored
{
    /// <summary>The key of the true class, from 1.</summary>
    public uint Label { get; set; }

    public float[] Score { get; set; } = [];

    public uint PredictedLabel { get; set; }
}

/// <summary>Rows of several classes, and views of them.</summary>
internal static class MulticlassData
{
    /// <summary>Shuttle: 58,000 rows, nine whole numbers, seven classes of 10 to 45,586 rows.</summary>
    public static MulticlassExample[] Shuttle()
        => [.. RealData.Read("shuttle.csv").Select(
            row => new MulticlassExample { Label = (uint)Array.IndexOf(DataFile.ShuttleClasses, row.Class), Features = row.Numbers })];

    /// <summary>Gaussian classes around points of their own, the k-th in proportion to 1 / (k + 1).</summary>
    public static MulticlassExample[] Gaussian(int rowCount, int featureCount, int classCount)
    {
        var random = new Random(1);
        float[][] centres =
            [.. Enumerable.Range(0, classCount).Select(_ => Enumerable.Range(0, featureCount).Select(_ => Normal(random)).ToArray())];
        var upTo = new double[classCount];
        for (var k = 0; k < classCount; k++)
            upTo[k] = (k == 0 ? 0 : upTo[k - 1]) + 1.0 / (k + 1);
        var rows = new MulticlassExample[rowCount];
        for (var i = 0; i < rowCount; i++)
        {
            // Each class has a row at least.
            var k = i < classCount ? i : Choose(upTo, random.NextDouble() * upTo[^1]);
            rows[i] = new MulticlassExample { Label = (uint)k, Features = [.. centres[k].Select(c => c + Normal(random))] };
        }

        return rows;
    }

    /// <summary>Sets weights with which all classes that have rows weigh the same in total, 1 on average.</summary>
    public static void Balance(IReadOnlyCollection<MulticlassExample> rows)
    {
        var sizes = rows.CountBy(row => row.Label).ToDictionary();
        foreach (var row in rows)
            row.Weight = (float)rows.Count / sizes.Count / sizes[row.Label];
    }

    /// <summary>Features standardised by the training rows; each view in a cache that has been filled.</summary>
    public static (IDataView Train, IDataView Test) Standardised(
        MLContext mlContext, IReadOnlyCollection<MulticlassExample> train, IReadOnlyCollection<MulticlassExample> test, int classCount)
    {
        var view = View(mlContext, train, classCount);
        var scaling = mlContext.Transforms.NormalizeMeanVariance("Features", fixZero: false).Fit(view);
        return (Cached(mlContext, scaling.Transform(view)), Cached(mlContext, scaling.Transform(View(mlContext, test, classCount))));
    }

    private static IDataView View(MLContext mlContext, IReadOnlyCollection<MulticlassExample> rows, int classCount)
    {
        var definition = SchemaDefinition.Create(typeof(MulticlassExample));
        definition["Features"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, rows.First().Features.Length);
        definition["Label"].ColumnType = new KeyDataViewType(typeof(uint), classCount);
        return mlContext.Data.LoadFromEnumerable(rows, definition);
    }

    private static IDataView Cached(MLContext mlContext, IDataView view)
    {
        var cached = mlContext.Data.Cache(view, "Label", "Features", "Weight");
        _ = cached.GetColumn<uint>("Label").Count();
        _ = cached.GetColumn<VBuffer<float>>("Features").Count();
        _ = cached.GetColumn<float>("Weight").Count();
        return cached;
    }

    private static int Choose(double[] upTo, double at) => Array.FindIndex(upTo, sum => sum >= at);

    private static float Normal(Random random)
        => MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle())) * MathF.Cos(2 * MathF.PI * random.NextSingle());
}
