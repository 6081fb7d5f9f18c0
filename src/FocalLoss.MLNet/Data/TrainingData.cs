using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Data;

/// <summary>The rows of a view that can be trained on: features, label (true for the positive class) and example weight.</summary>
internal sealed record TrainingData(FeatureMatrix Features, bool[] Labels, float[] Weights, long RowsSkipped)
{
    /// <summary>Summed example weight of the positive rows.</summary>
    public double PositiveWeight { get; } = WeightOf(true, Labels, Weights);

    /// <summary>Summed example weight of the negative rows.</summary>
    public double NegativeWeight { get; } = WeightOf(false, Labels, Weights);

    /// <summary>
    /// Reads the view once. A row with a NaN or an infinity in its features, or a NaN as its weight, is skipped and counted;
    /// a negative or infinite weight is an error, as is a view without two classes.
    /// </summary>
    public static TrainingData Read(IDataView view, string labelColumnName, string featureColumnName, string? weightColumnName)
    {
        var label = view.Schema[labelColumnName];
        var features = view.Schema[featureColumnName];
        var weight = weightColumnName is null ? (DataViewSchema.Column?)null : view.Schema[weightColumnName];
        var builder = new FeatureMatrixBuilder(((VectorDataViewType)features.Type).Size);
        var labels = new GrowingArray<bool>();
        var weights = new GrowingArray<float>();
        long skipped = 0;

        DataViewSchema.Column[] columns = weight is { } given ? [label, features, given] : [label, features];
        using (var cursor = view.GetRowCursor(columns))
        {
            var getLabel = cursor.GetGetter<bool>(label);
            var getFeatures = cursor.GetGetter<VBuffer<float>>(features);
            var getWeight = weight is { } column ? cursor.GetGetter<float>(column) : null;
            var rowLabel = false;
            var rowFeatures = default(VBuffer<float>);
            var rowWeight = 1f;
            while (cursor.MoveNext())
            {
                getWeight?.Invoke(ref rowWeight);
                if (rowWeight < 0 || float.IsInfinity(rowWeight))
                    throw new InvalidOperationException(FormattableString.Invariant(
                        $"Column '{weightColumnName}' has weight {rowWeight} in row {cursor.Position}, but it should be in [0; +∞)."));
                getFeatures(ref rowFeatures);
                if (float.IsNaN(rowWeight) || !builder.TryAppend(rowFeatures))
                {
                    skipped++;
                    continue;
                }

                getLabel(ref rowLabel);
                labels.Append(rowLabel);
                weights.Append(rowWeight);
            }
        }

        var data = new TrainingData(builder.Build(), labels.ToArray(), weights.ToArray(), skipped);
        data.CheckClasses(labelColumnName);
        return data;
    }

    private void CheckClasses(string labelColumnName)
    {
        if (Labels.Length == 0)
        {
            throw new InvalidOperationException(RowsSkipped == 0
                ? "The training data has no rows."
                : $"The training data has no usable rows: all {RowsSkipped} have a NaN or an infinity in their features, or NaN as their weight.");
        }

        if (PositiveWeight > 0 && NegativeWeight > 0)
            return;
        var positives = Labels.Count(l => l);
        throw new InvalidOperationException(FormattableString.Invariant(
            $"Label column '{labelColumnName}' has {positives} positive rows (total weight {PositiveWeight}) and {Labels.Length - positives} negative rows (total weight {NegativeWeight}), but training needs both classes with a weight above 0."));
    }

    private static double WeightOf(bool label, bool[] labels, float[] weights)
    {
        double sum = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            if (labels[i] == label)
                sum += weights[i];
        }

        return sum;
    }
}
