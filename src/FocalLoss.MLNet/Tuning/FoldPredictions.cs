namespace FocalMlNet.Tuning;

/// <summary>What a model says of the rows that judge it.</summary>
/// <param name="Scores">The scores of the first row, then those of the second, and so on: one for two classes, else one for each.</param>
/// <param name="Probabilities">Of two classes, the probability of the positive one; empty if there is none.</param>
/// <param name="ScoreCount">Scores of a row.</param>
internal sealed record FoldPredictions(float[] Scores, float[] Probabilities, int ScoreCount = 1)
{
    public int RowCount => Scores.Length / ScoreCount;

    /// <summary>The predictions of some rows.</summary>
    public FoldPredictions At(int[] places)
    {
        var (scores, probabilities) = (new float[places.Length * ScoreCount], new float[Probabilities.Length == 0 ? 0 : places.Length]);
        for (var i = 0; i < places.Length; i++)
        {
            Scores.AsSpan(places[i] * ScoreCount, ScoreCount).CopyTo(scores.AsSpan(i * ScoreCount));
            if (probabilities.Length > 0)
                probabilities[i] = Probabilities[places[i]];
        }

        return new(scores, probabilities, ScoreCount);
    }
}

/// <summary>The rows that judge.</summary>
/// <param name="rows">Their numbers in the data.</param>
/// <param name="labels">Their classes.</param>
/// <param name="weights">Their weights, above 0.</param>
internal sealed class JudgedRows(int[] rows, float[] labels, float[] weights)
{
    public int[] Rows => rows;

    public float[] Weights => weights;

    /// <summary>The class of each.</summary>
    public int[] Classes { get; } = Array.ConvertAll(labels, label => (int)label);

    /// <summary>Whether each is of class 1.</summary>
    public bool[] ArePositive { get; } = Array.ConvertAll(labels, label => label == 1);
}

/// <summary>What a candidate predicts for the rows that judge it in a fold.</summary>
/// <param name="Fold">The number of the fold among those of all repeats.</param>
/// <param name="Rows">The rows.</param>
/// <param name="Predictions">What it predicts.</param>
internal sealed record JudgedFold(int Fold, JudgedRows Rows, FoldPredictions Predictions);
