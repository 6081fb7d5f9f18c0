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
        var getLabel = cursor.GetGetter<bool>(data.Schema[labelColumn]);
        var getWeight = weightColumn == null ? (ref float one) => one = 1 : cursor.GetGetter<float>(data.Schema[weightColumn]);

        var examples = new List<Example>();
        VBuffer<float> features = default;
        var label = false;
        var weight = 0f;
        while (cursor.MoveNext())
        {
            getWeight(ref weight);
            getFeatures(ref features);
            if (weight > 0 && float.IsFinite(weight) && Linear.AllFinite(features.GetValues()))
            {
                getLabel(ref label);
                var indices = features.IsDense ? null : features.GetIndices().ToArray();
                examples.Add(new Example(features.GetValues().ToArray(), indices, label ? 1 : 0, weight));
            }
        }

        return examples.ToArray();
    }

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
