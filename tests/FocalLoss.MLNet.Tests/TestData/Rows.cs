using FocalMlNet.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests;

/// <summary>A row of training data as a user's class would have it.</summary>
internal sealed class Row
{
    public bool Label { get; set; }

    public float[] Features { get; set; } = [];

    public float Weight { get; set; } = 1;
}

/// <summary>A row whose features may be sparse.</summary>
internal sealed class BufferRow
{
    public bool Label { get; set; }

    public VBuffer<float> Features { get; set; }
}

/// <summary>The output columns of a calibrated binary model.</summary>
internal sealed class Scored
{
    public bool Label { get; set; }

    public float Score { get; set; }

    public float Probability { get; set; }

    public bool PredictedLabel { get; set; }
}

/// <summary>Rows that may be others each time they are read.</summary>
internal sealed class Changing(Func<IEnumerable<Row>> read) : IEnumerable<Row>
{
    public IEnumerator<Row> GetEnumerator() => read().GetEnumerator();

    System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>Makes, loads and views rows.</summary>
internal static class Rows
{
    /// <summary>Two Gaussian classes whose means are 2 standard deviations apart in the first feature, positives rare.</summary>
    public static Row[] Gaussian(int count, int features = 3, double positiveRate = .1, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var label = i < 2 ? i == 0 : random.NextDouble() < positiveRate;
            var row = new Row { Label = label, Features = new float[features] };
            for (var j = 0; j < features; j++)
                row.Features[j] = (float)(Normal(random) + (j == 0 && label ? 2 : 0));
            return row;
        })];
    }

    /// <summary>The Shuttle data: nine numbers; positive is class Fpv.Open, 171 of 58,000 rows.</summary>
    public static Row[] Shuttle()
        => [.. DataFile.Read(Path.Combine(AppContext.BaseDirectory, "data", "shuttle.csv"))
            .Select(row => new Row { Label = row.Class == DataFile.ShuttlePositive, Features = row.Numbers })];

    /// <summary>A random fifth of each class for testing, the rest for training.</summary>
    public static (Row[] Train, Row[] Test) StratifiedSplit(Row[] rows, int seed)
    {
        var shuffled = (Row[])rows.Clone();
        new Random(seed).Shuffle(shuffled);
        var parts = shuffled.GroupBy(r => r.Label).Select(g => g.ToArray()).ToArray();
        return ([.. parts.SelectMany(p => p[(p.Length / 5)..])], [.. parts.SelectMany(p => p[..(p.Length / 5)])]);
    }

    /// <summary>A view of rows that tells when it is read.</summary>
    public static IDataView View(MLContext mlContext, Row[] rows, Action read)
    {
        return ViewOf(mlContext, Read(), rows[0].Features.Length);

        IEnumerable<Row> Read()
        {
            read();
            foreach (var row in rows)
                yield return row;
        }
    }

    /// <summary>A view each reading of which begins a row later: a query without ORDER BY may be like that.</summary>
    public static IDataView Shifting(MLContext mlContext, IReadOnlyList<Row> rows)
    {
        var readings = 0;
        return View(mlContext, new Changing(() =>
        {
            var first = readings++;
            return Enumerable.Range(0, rows.Count).Select(i => rows[(first + i) % rows.Count]);
        }));
    }

    public static IDataView View(MLContext mlContext, IReadOnlyCollection<Row> rows, int? featureCount = null)
        => ViewOf(mlContext, rows, featureCount ?? rows.First().Features.Length);

    /// <summary>A view of rows with three features that may be others each time.</summary>
    public static IDataView View(MLContext mlContext, Changing rows) => ViewOf(mlContext, rows, 3);

    /// <summary>The same as sparse rows, with columns that are always 0 after those that are given.</summary>
    public static IDataView SparseView(MLContext mlContext, Row[] rows, int columns)
    {
        var definition = SchemaDefinition.Create(typeof(BufferRow));
        definition[nameof(BufferRow.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, columns);
        return mlContext.Data.LoadFromEnumerable([.. rows.Select(Sparse)], definition);

        BufferRow Sparse(Row row)
        {
            int[] at = [.. Enumerable.Range(0, row.Features.Length).Where(j => row.Features[j] != 0)];
            return new BufferRow
            {
                Label = row.Label,
                Features = new VBuffer<float>(columns, at.Length, [.. at.Select(j => row.Features[j])], at)
            };
        }
    }

    private static IDataView ViewOf(MLContext mlContext, IEnumerable<Row> rows, int featureCount)
    {
        var definition = SchemaDefinition.Create(typeof(Row));
        definition[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, featureCount);
        return mlContext.Data.LoadFromEnumerable(rows, definition);
    }

    public static Scored[] Score(MLContext mlContext, ITransformer model, IDataView view)
        => [.. mlContext.Data.CreateEnumerable<Scored>(model.Transform(view), reuseRowObject: false)];

    /// <summary>
    /// Σ over positives of the precision at their rank, divided by their number; tied scores share the rank of the last of them.
    /// </summary>
    public static double AveragePrecision(IReadOnlyCollection<Scored> rows)
    {
        double positives = rows.Count(r => r.Label), seen = 0, hits = 0, sum = 0;
        foreach (var tied in rows.GroupBy(r => r.Score).OrderByDescending(g => g.Key))
        {
            seen += tied.Count();
            var hitsHere = tied.Count(r => r.Label);
            hits += hitsHere;
            sum += hitsHere * hits / seen;
        }

        return sum / positives;
    }

    public static double Normal(Random random)
        => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
