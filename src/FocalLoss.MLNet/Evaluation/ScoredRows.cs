
using FocalMlNet.Columns;
using Microsoft.ML;

namespace FocalMlNet.Evaluation;

/// <summary>Names of the columns that scored binary data is read from; null for one that is not wanted.</summary>
/// <param name="Label">The labels.</param>
/// <param name="Score">The scores.</param>
/// <param name="Probability">The probabilities.</param>
/// <param name="PredictedLabel">What the model says.</param>
/// <param name="Weight">The example weights.</param>
/// <param name="WithoutProbability">What to do if there are no probabilities, for the message.</param>
internal sealed record ScoredColumns(
    string Label, string Score, string? Probability, string? PredictedLabel, string? Weight, string WithoutProbability = "");

/// <summary>Scored rows of a weight above 0, from the highest score to the lowest.</summary>
internal sealed class ScoredRows
{
    private ScoredRows(float[] scores, bool[] labels, float[] weights, float[] probabilities, bool[] predictedLabels)
    {
        int[] order = [.. Enumerable.Range(0, scores.Length)];
        Array.Sort(Array.ConvertAll(scores, score => -score), order);
        Order = order;
        Scores = InOrder(scores);
        Labels = InOrder(labels);
        Weights = InOrder(weights);
        Probabilities = InOrder(probabilities);
        PredictedLabels = InOrder(predictedLabels);

        T[] InOrder<T>(T[] values) => values.Length == 0 ? [] : Array.ConvertAll(order, i => values[i]);
    }

    public float[] Scores { get; }

    public bool[] Labels { get; }

    public float[] Weights { get; }

    /// <summary>Empty if they are not known.</summary>
    public float[] Probabilities { get; }

    /// <summary>Empty if they are not known.</summary>
    public bool[] PredictedLabels { get; }

    /// <summary>Where each row is in the order of the data, among those of a weight above 0.</summary>
    public int[] Order { get; }

    /// <summary>Whether the score after that of row i is lower, or there is none.</summary>
    public bool IsEndOfTie(int i) => i + 1 == Scores.Length || Scores[i + 1] != Scores[i];

    /// <summary>Values of these rows in the order of the data.</summary>
    public T[] InOrderOfData<T>(T[] values)
    {
        var ofData = new T[values.Length];
        for (var i = 0; i < values.Length; i++)
            ofData[Order[i]] = values[i];
        return ofData;
    }

    /// <summary>Puts rows in order; those of weight 0 are left out.</summary>
    public static ScoredRows Of(
        float[] scores, bool[] labels, float[] weights, float[]? probabilities = null, bool[]? predictedLabels = null)
    {
        return weights.Contains(0)
            ? new(Kept(scores), Kept(labels), Kept(weights), Kept(probabilities), Kept(predictedLabels))
            : new(scores, labels, weights, probabilities ?? [], predictedLabels ?? []);

        T[] Kept<T>(T[]? values) => values is null ? [] : [.. values.Where((_, i) => weights[i] > 0)];
    }

    /// <summary>Reads a view once.</summary>
    /// <exception cref="ArgumentException">A column has no name.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are not both classes, or a score, a probability or a weight is out of its range.
    /// </exception>
    public static ScoredRows Read(IDataView data, ScoredColumns columns)
    {
        ArgumentNullException.ThrowIfNull(data);
        Guard.NotEmpty(columns.Label, "label column name");
        Guard.NotEmpty(columns.Score, "score column name");
        Guard.OtherColumn(columns.Label, "labelColumnName", columns.PredictedLabel, "predictedLabelColumnName");
        Guard.OtherColumn(columns.Probability, "probabilityColumnName", columns.Weight, "exampleWeightColumnName");
        Guard.OtherColumn(columns.Score, "scoreColumnName", columns.Weight, "exampleWeightColumnName");
        var label = ColumnRole.BinaryLabel.Check(data.Schema, columns.Label);
        var probability = ColumnRole.Probability.CheckNamed(data.Schema, columns.Probability, columns.WithoutProbability);
        var score = ColumnRole.Score.Check(data.Schema, columns.Score);
        AddedColumn.CheckProbability(data.Schema, columns.Score, columns.Probability);
        var predictedLabel = ColumnRole.PredictedLabel.CheckNamed(data.Schema, columns.PredictedLabel);
        var weight = ColumnRole.Weight.CheckNamed(data.Schema, columns.Weight);

        DataViewSchema.Column?[] wanted = [label, probability, score, predictedLabel, weight];
        using var cursor = data.GetRowCursor(wanted.OfType<DataViewSchema.Column>().DistinctBy(c => c.Index));
        var (labelOf, weightOf) = (LabelReader.Of(cursor, label), WeightReader.Of(cursor, weight));
        var calledOf = predictedLabel is { } called ? LabelReader.Of(cursor, called) : null;
        var scoreOf = NumberReader.Of(cursor, score, float.IsFinite, "finite");
        var probabilityOf = probability is { } given ? NumberReader.Of(cursor, given, p => p is >= 0 and <= 1, "in [0; 1]") : null;
        var (scores, labels, weights) = (new List<float>(), new List<bool>(), new List<float>());
        var (probabilities, predictedLabels) = (new List<float>(), new List<bool>());
        while (cursor.MoveNext())
        {
            // A row that does not count may hold anything.
            if (weightOf() is var ofRow && ofRow == 0)
                continue;
            weights.Add(ofRow);
            labels.Add(labelOf() == 1);
            if (probabilityOf is not null)
                probabilities.Add(probabilityOf());
            scores.Add(scoreOf());
            if (calledOf is not null)
                predictedLabels.Add(calledOf() == 1);
        }

        var rows = new ScoredRows([.. scores], [.. labels], [.. weights], [.. probabilities], [.. predictedLabels]);
        var positives = rows.Labels.Count(l => l);
        var negatives = rows.Labels.Length - positives;
        if (positives == 0 || negatives == 0)
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"Label column '{columns.Label}' has {positives} positive and {negatives} negative rows with a weight above 0, ")
                + "but there should be some of both.");
        }

        return rows;
    }
}
