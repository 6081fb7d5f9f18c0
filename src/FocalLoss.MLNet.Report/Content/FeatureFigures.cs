using FocalMlNet.Columns;
using FocalMlNet.Evaluation;
using Microsoft.ML.Data;

namespace FocalMlNet.Report;

/// <summary>What the held-out rows say of each feature, read once.</summary>
/// <param name="Spreads">Its standard deviation.</param>
/// <param name="RankAreas">
/// How often it is higher for a positive than for a negative, of a sample of rows; empty if the features are too many for that.
/// </param>
internal sealed record FeatureFigures(double[] Spreads, double[] RankAreas)
{
    private const int MostPositives = 1000, MostNegatives = 4000, MostFeatures = 2000;

    public static FeatureFigures Of(FeatureSource source, ScoredRows rows, string? weightColumn, int seed)
    {
        var labels = rows.InOrderOfData(rows.Labels);
        var (positives, count) = (labels.Count(label => label), source.Count);
        var (ofPositive, ofNegative) = ((double)MostPositives / positives, (double)MostNegatives / (labels.Length - positives));
        var (sums, squares, dense) = (new double[count], new double[count], new float[count]);
        float[]? origin = null;
        List<(bool Label, VBuffer<float> Features)> sample = [];
        var random = SplitMix.Of(seed, -1);

        var weight = weightColumn is null ? null : source.View.Schema.GetColumnOrNull(weightColumn);
        using var cursor = source.View.GetRowCursor(weight is { } given ? [source.Column, given] : [source.Column]);
        var get = cursor.GetGetter<VBuffer<float>>(source.Column);
        var weightOf = WeightReader.Of(cursor, weight);
        var features = default(VBuffer<float>);
        var row = 0;
        while (row < labels.Length && cursor.MoveNext())
        {
            if (weightOf() == 0)
                continue;
            get(ref features);
            Add(features);
            var isPositive = labels[row++];
            if (count <= MostFeatures && random.NextUnit() < (isPositive ? ofPositive : ofNegative))
            {
                var copy = default(VBuffer<float>);
                features.CopyTo(ref copy);
                sample.Add((isPositive, copy));
            }
        }

        bool[] sampled = [.. sample.Select(one => one.Label)];
        return new([.. sums.Select((sum, j) => Math.Sqrt(Math.Max(squares[j] - sum * (sum / row), 0) / row))],
            count <= MostFeatures ? RankAreasOf([.. sample.Select(one => one.Features)], sampled, count) : []);

        void Add(in VBuffer<float> values)
        {
            // Squares of distances from the first row, of which nothing cancels. Of sparse rows what is not there is 0, and adds nothing.
            origin ??= values.IsDense ? [.. values.GetValues()] : new float[count];
            if (!values.IsDense && Array.TrueForAll(origin, value => value == 0))
            {
                var indices = values.GetIndices();
                var there = values.GetValues();
                for (var k = 0; k < indices.Length; k++)
                {
                    sums[indices[k]] += there[k];
                    squares[indices[k]] += (double)there[k] * there[k];
                }

                return;
            }

            values.CopyTo(dense);
            for (var j = 0; j < dense.Length; j++)
            {
                var distance = dense[j] - (double)origin[j];
                sums[j] += distance;
                squares[j] += distance * distance;
            }
        }
    }

    private static double[] RankAreasOf(VBuffer<float>[] sample, bool[] labels, int count)
    {
        var values = new float[count][];
        for (var j = 0; j < count; j++)
            values[j] = new float[sample.Length];
        for (var i = 0; i < sample.Length; i++)
        {
            foreach (var (j, value) in sample[i].Items())
                values[j][i] = value;
        }

        var areas = new double[count];
        Parallel.For(0, count, j => areas[j] = RankSums.AreaUnderRocCurveOf(values[j], [.. labels]));
        return areas;
    }
}
