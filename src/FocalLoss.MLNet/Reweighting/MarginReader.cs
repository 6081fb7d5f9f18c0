using FocalMlNet.Columns;
using FocalMlNet.Training;
using Microsoft.ML;

namespace FocalMlNet.Reweighting;

/// <summary>The rows of a training set as re-weighting sees them: class number, and the constant part of the weight.</summary>
internal sealed class WeightedRows(int[] classes, double[] weights, double weightSum, CancellationToken cancellation)
{
    public int Count => classes.Length;

    /// <summary>Is looked at before each row that is read.</summary>
    public CancellationToken Cancellation => cancellation;

    /// <summary>Whether all rows with a weight are of one class, for which there is a reason then.</summary>
    public bool AreOfOneClass { get; } = classes.Where((_, i) => weights[i] > 0).Distinct().Count() == 1;

    /// <summary>The number of the class of each row, from 0; -1 for a missing label.</summary>
    public int[] Classes => classes;

    /// <summary>The weights of a round: constant parts times e^logWeights.</summary>
    public float[] Weights(double[] logWeights) => [.. weights.Zip(logWeights, (w, ln) => (float)(w * Math.Exp(ln)))];

    /// <summary>The logarithms of the weights r at the best constant score of each class against the others.</summary>
    public double[] LogWeightsAtStart(double gamma)
    {
        var totals = new Dictionary<int, double>();
        for (var i = 0; i < classes.Length; i++)
            totals[classes[i]] = totals.GetValueOrDefault(classes[i]) + weights[i];
        var loss = new FocalLoss(gamma);
        var logWeights = totals.ToDictionary(t => t.Key, t => t.Value > 0
            ? FocalReweighting.LogWeight(loss.BestConstantScore(t.Value, OfOthers(t.Key)), gamma) : 0);
        return [.. classes.Select(k => logWeights[k])];

        // What is left of the sum of all without a class may be nothing where that weighs far more than the others.
        double OfOthers(int k) => totals.Where(other => other.Key != k).Sum(other => other.Value);
    }

    /// <summary>Σ w a FL / Σ w over the rows with a margin; infinite if no row has one.</summary>
    public double Objective(double[] margins, double gamma)
    {
        double sum = 0;
        var any = false;
        for (var i = 0; i < margins.Length; i++)
        {
            if (double.IsNaN(margins[i]) || weights[i] == 0)
                continue;
            any = true;
            sum += weights[i] * BinaryFocal.Loss(margins[i], gamma);
        }

        return any ? sum / weightSum : double.PositiveInfinity;
    }
}

/// <summary>
/// Reads labels, and from a model's output the signed margin of each row: ln p - ln q for the probability p of the true class.
/// </summary>
internal abstract class MarginReader
{
    /// <summary>
    /// Margins are held to what the sigmoid of a double can tell apart, so that the logarithms of an infinite score stay finite.
    /// </summary>
    private const double Largest = 700;

    /// <summary>What the label column must be like.</summary>
    public abstract ColumnRole Label { get; }

    /// <summary>One margin for each row; NaN where there is no score or no label.</summary>
    /// <param name="scored">The output of a model.</param>
    /// <param name="input">The schema of what it was given.</param>
    /// <param name="model">The model's parameters.</param>
    /// <param name="rows">The rows that were read.</param>
    public abstract double[] Margins(IDataView scored, DataViewSchema input, object? model, WeightedRows rows);

    /// <summary>Reads classes and example weights.</summary>
    /// <exception cref="InvalidOperationException">There are no rows, only one class has weight, or a weight cannot be used.</exception>
    public WeightedRows Read(IDataView view, FocalReweightedOptions options)
    {
        var (labelColumnName, weightColumnName) = (options.LabelColumnName, options.ExampleWeightColumnName);
        var (positive, negative) = AlphaWeights.Of(options.Alpha);
        List<int> classes = [];
        List<double> weights = [];
        var totals = new Dictionary<int, double>();
        double sum = 0;
        var label = view.Schema[labelColumnName];
        var weightColumn = ColumnRole.Weight.CheckNamed(view.Schema, weightColumnName);
        using (var cursor = view.GetRowCursor(weightColumn is { } column ? [label, column] : [label]))
        {
            var getClass = LabelReader.Of(cursor, label);
            var getWeight = WeightReader.Of(cursor, weightColumn);
            while (cursor.MoveNext())
            {
                options.CancellationToken.ThrowIfCancellationRequested();
                var (k, weight) = (getClass(), (double)getWeight());
                weight = k < 0 ? 0 : weight;
                sum += weight;
                totals[k] = totals.GetValueOrDefault(k) + weight;
                classes.Add(k);
                weights.Add(weight * (k == 1 ? positive : negative));
            }
        }

        var usable = totals.Count(t => t.Value > 0);
        if (usable < 2 && (usable == 0 || OneSidedLabel.Reason(view, labelColumnName, totals.GetValueOrDefault(1) > 0) is null))
        {
            throw new InvalidOperationException(classes.Count == 0
                ? "The training data has no rows."
                : $"Label column '{labelColumnName}' has {usable} {(usable == 1 ? "class" : "classes")} with a weight above 0, "
                    + "but training needs 2 at least.");
        }

        return new WeightedRows([.. classes], [.. weights], sum, options.CancellationToken);
    }

    /// <summary>Moves to the next row.</summary>
    /// <param name="cursor">Over the scored rows.</param>
    /// <param name="i">The number of the next row.</param>
    /// <param name="rows">The rows that were scored.</param>
    /// <exception cref="InvalidOperationException">The model gives fewer rows than it was given, or more.</exception>
    protected static bool IsAtRow(DataViewRowCursor cursor, int i, WeightedRows rows)
    {
        rows.Cancellation.ThrowIfCancellationRequested();
        var isAtRow = cursor.MoveNext();
        return isAtRow == i < rows.Count ? isAtRow
            : throw new InvalidOperationException(
                $"The trainer's model gives {(isAtRow ? "more" : "fewer")} rows than the {rows.Count} that it was given.");
    }

    protected static double Bounded(double margin) => double.IsNaN(margin) ? double.NaN : Math.Clamp(margin, -Largest, Largest);

    /// <summary>The score column that the model has added.</summary>
    protected static DataViewSchema.Column ScoreColumn(IDataView scored, DataViewSchema input)
        => AddedColumn.Of(scored.Schema, input, "Score")
        ?? throw new InvalidOperationException("The trainer's model adds no column 'Score'.");
}
