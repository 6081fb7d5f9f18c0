using Microsoft.ML.Data;

namespace Microsoft.ML.Trainers;

/// <summary>A training row in memory. Without indices the values are dense.</summary>
internal sealed class Example(float[] values, int[] indices, float label, float weight)
{
    public float Label => label;

    public float Weight => weight;

    /// <summary>
    /// The rows that a trainer uses: features finite, weight positive and finite. The trainers of the stand-in read
    /// the data once and keep it, whatever the number of their passes.
    /// </summary>
    public static Example[] ReadAll(IDataView data, string featureColumn, string labelColumn, string weightColumn)
    {
        using var cursor = data.GetRowCursor(data.Schema.Where(c => !c.IsHidden && (c.Name == featureColumn || c.Name == labelColumn || c.Name == weightColumn)));
        var getFeatures = cursor.GetGetter<VBuffer<float>>(data.Schema[featureColumn]);
        var readLabel = LabelReader(cursor, data.Schema[labelColumn]);
        var getWeight = weightColumn == null ? (ref float one) => one = 1 : cursor.GetGetter<float>(data.Schema[weightColumn]);

        var examples = new List<Example>();
        VBuffer<float> features = default;
        var weight = 0f;
        while (cursor.MoveNext())
        {
            getWeight(ref weight);
            getFeatures(ref features);
            if (weight > 0 && float.IsFinite(weight) && Linear.AllFinite(features.GetValues()))
            {
                var label = readLabel();
                if (label < 0)
                    continue;
                var indices = features.IsDense ? null : features.GetIndices().ToArray();
                examples.Add(new Example(features.GetValues().ToArray(), indices, label, weight));
            }
        }

        return examples.ToArray();
    }

    /// <summary>1 and 0 for true and false; for a key the number of its class from 0 on, -1 if it is missing.</summary>
    private static Func<float> LabelReader(DataViewRowCursor row, DataViewSchema.Column column)
    {
        if (column.Type is KeyDataViewType)
        {
            var getKey = row.GetGetter<uint>(column);
            uint key = 0;
            return () =>
            {
                getKey(ref key);
                return (float)key - 1;
            };
        }

        var getLabel = row.GetGetter<bool>(column);
        var label = false;
        return () =>
        {
            getLabel(ref label);
            return label ? 1 : 0;
        };
    }

    /// <summary>The square of the length of the features.</summary>
    public double SquaredNorm => values.Sum(v => (double)v * v);

    public float Dot(float[] weights) => Linear.Dot(values, indices, weights);

    /// <summary>weights += factor features</summary>
    public void AddTo(float[] weights, float factor)
    {
        for (var i = 0; i < values.Length; i++)
            weights[indices == null ? i : indices[i]] += factor * values[i];
    }

    public double Dot(ReadOnlySpan<double> weights)
    {
        var sum = 0.0;
        for (var i = 0; i < values.Length; i++)
            sum += values[i] * weights[indices == null ? i : indices[i]];
        return sum;
    }

    public void AddTo(Span<double> weights, double factor)
    {
        for (var i = 0; i < values.Length; i++)
            weights[indices == null ? i : indices[i]] += factor * values[i];
    }
}

internal static class Linear
{
    public static bool AllFinite(ReadOnlySpan<float> values)
    {
        foreach (var value in values)
        {
            if (!float.IsFinite(value))
                return false;
        }

        return true;
    }

    /// <summary>The product of weights with a vector that is dense if it has no indices.</summary>
    public static float Dot(ReadOnlySpan<float> values, ReadOnlySpan<int> indices, float[] weights)
    {
        var sum = 0f;
        for (var i = 0; i < values.Length; i++)
            sum += values[i] * weights[indices.IsEmpty ? i : indices[i]];
        return sum;
    }

    public static void Scale(Span<float> values, float factor)
    {
        foreach (ref var value in values)
            value *= factor;
    }
}
