using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace FocalMlNet.Report;

/// <summary>What a model makes of its features, by their names.</summary>
internal static class FeatureWeights
{
    private const int Most = 30;

    /// <summary>Of a fitted model, or a chain that ends with one.</summary>
    /// <param name="source">Where the features come from; null if that is not known.</param>
    /// <param name="figures">The features on the held-out rows, if they could be read.</param>
    public static FeatureContent? Of(FeatureSource? source, FeatureFigures? figures)
    {
        if (source is null)
            return null;
        if (source.HasMadeFeatures)
            return new("The features of this model are made by a kernel map from all columns at once: they have no names.", [], 0);
        var model = source.Model is CalibratedModelParametersBase ? SubModel(source.Model) : source.Model;
        if (model is LinearModelParameters linear && figures is not null)
        {
            var scale = -source.Calibrator?.Slope ?? 1;
            double[] moved = [.. linear.Weights.Select((w, j) => scale * w * figures.Spreads[j])];
            var unit = source.Calibrator is null ? "score" : "log-odds of a positive";
            return Largest(
                $"By how much a usual difference in the feature (one standard deviation on these rows) moves the {unit}", source, moved);
        }

        return Gains(model) is { } gains ? Largest("Share of all that the trees' splits have gained", source, gains) : null;
    }

    /// <summary>What is calibrated: it is known to the generic type alone, which need not be that of the model itself.</summary>
    private static object SubModel(object model)
        => model.GetType().GetProperties().FirstOrDefault(property => property is { Name: "SubModel", DeclaringType.IsGenericType: true })
            ?.GetValue(model) ?? model;

    /// <summary>
    /// Models of trees have this method, but the package they are in is not one that a page should need: its trees bring native libraries.
    /// </summary>
    private static double[]? Gains(object model)
    {
        var method = model.GetType().GetMethod("GetFeatureWeights", [typeof(VBuffer<float>).MakeByRefType()]);
        if (method is null)
            return null;
        object[] arguments = [default(VBuffer<float>)];
        method.Invoke(model, arguments);
        double[] gains = [.. ((VBuffer<float>)arguments[0]).DenseValues().Select(gain => (double)gain)];
        var whole = gains.Sum();
        return whole > 0 ? Array.ConvertAll(gains, gain => gain / whole) : gains;
    }

    private static FeatureContent Largest(string kind, FeatureSource source, double[] values)
    {
        int[] order = [.. Enumerable.Range(0, values.Length).Where(j => values[j] != 0 && double.IsFinite(values[j]))
            .OrderByDescending(j => Math.Abs(values[j]))];
        return new(kind, [.. order.Take(Most).Select(j => KeyValuePair.Create(source.NameOf(j), values[j]))],
            Math.Max(order.Length - Most, 0));
    }
}
