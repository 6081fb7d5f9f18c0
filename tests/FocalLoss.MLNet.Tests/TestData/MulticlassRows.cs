
using FocalMlNet.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests;

/// <summary>
/// A row whose label is the number of a class from 0, which ML.NET makes a key from 1; a number that is none is a missing key.
/// </summary>
internal sealed class MulticlassRow
{
    public uint Label { get; set; }

    public float[] Features { get; set; } = [];

    public float Weight { get; set; } = 1;
}

/// <summary>The output columns of a multiclass model; labels are keys from 1.</summary>
internal sealed class MulticlassScored
{
    public uint Label { get; set; }

    public float[] Score { get; set; } = [];

    public uint PredictedLabel { get; set; }
}

/// <summary>Makes, loads and views rows of several classes.</summary>
internal static class MulticlassRows
{
    /// <summary>Gaussian classes around points of a circle with radius 2, the first with half of the rows.</summary>
    public static MulticlassRow[] Gaussian(int count, int classes = 4, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var k = i < classes ? i : random.NextDouble() < .5 ? 0 : random.Next(1, classes);
            var angle = 2 * Math.PI * k / classes;
            return new MulticlassRow
            {
                Label = (uint)k,
                Features = [(float)(2 * Math.Cos(angle) + Rows.Normal(random)), (float)(2 * Math.Sin(angle) + Rows.Normal(random)),
                (float)Rows.Normal(random)],
            };
        })];
    }

    /// <summary>The Shuttle data with its seven classes, in the order of <see cref="DataFile.ShuttleClasses"/>.</summary>
    public static MulticlassRow[] Shuttle()
        => [.. DataFile.Read(Path.Combine(AppContext.BaseDirectory, "data", "shuttle.csv"))
            .Select(row => new MulticlassRow { Label = (uint)Array.IndexOf(DataFile.ShuttleClasses, row.Class), Features = row.Numbers })];

    public static IDataView View(MLContext mlContext, IReadOnlyCollection<MulticlassRow> rows, int? classCount = null)
    {
        var definition = SchemaDefinition.Create(typeof(MulticlassRow));
        definition[nameof(MulticlassRow.Features)].ColumnType =
            new VectorDataViewType(NumberDataViewType.Single, rows.First().Features.Length);
        definition[nameof(MulticlassRow.Label)].ColumnType =
            new KeyDataViewType(typeof(uint), classCount ?? (int)rows.Max(row => row.Label) + 1);
        return mlContext.Data.LoadFromEnumerable(rows, definition);
    }

    public static MulticlassScored[] Score(MLContext mlContext, ITransformer model, IDataView view)
        => [.. mlContext.Data.CreateEnumerable<MulticlassScored>(model.Transform(view), reuseRowObject: false)];
}
