using FocalMlNet.Views;
using Microsoft.ML.Data;

namespace FocalMlNet.Tuning;

/// <summary>What a candidate says of the rows that judged it, in the order of the rows.</summary>
internal sealed record OutOfFoldRows(
    long[] Rows, int[] Folds, int[] Classes, float[] Weights, float[] Scores, float[] Probabilities, int ScoreCount, string? WeightColumn)
{
    /// <summary>Puts them together: a fold is forgotten before the next is made.</summary>
    /// <param name="folds">Make what is predicted in folds of different rows.</param>
    /// <param name="rowCount">The rows of the data, of which all or some are in a fold.</param>
    /// <param name="options">Name the weight column.</param>
    public static OutOfFoldRows Of(IEnumerable<Func<JudgedFold>> folds, int rowCount, TuningOptions options)
    {
        var (foldOf, classes, weights) = (new int[rowCount], new int[rowCount], new float[rowCount]);
        float[] scores = [], probabilities = [];
        var scoreCount = 0;
        Array.Fill(foldOf, -1);
        foreach (var make in folds)
            Put(make);

        var kept = new FoldPredictions(scores, probabilities, scoreCount);
        // All of them, but by time or if some cannot be used.
        if (foldOf.Contains(-1))
        {
            int[] judgedRows = [.. Enumerable.Range(0, rowCount).Where(row => foldOf[row] >= 0)];
            T[] Of<T>(T[] values) => Array.ConvertAll(judgedRows, row => values[row]);
            return With(Array.ConvertAll(judgedRows, row => (long)row), Of(foldOf), Of(classes), Of(weights), kept.At(judgedRows));
        }

        var rows = new long[rowCount];
        for (var row = 0; row < rowCount; row++)
            rows[row] = row;
        return With(rows, foldOf, classes, weights, kept);

        void Put(Func<JudgedFold> make)
        {
            var (number, judged, predictions) = make();
            if (scoreCount == 0)
            {
                scoreCount = predictions.ScoreCount;
                scores = new float[rowCount * scoreCount];
                probabilities = new float[predictions.Probabilities.Length == 0 ? 0 : rowCount];
            }

            for (var i = 0; i < judged.Rows.Length; i++)
            {
                var row = judged.Rows[i];
                (foldOf[row], classes[row], weights[row]) = (number, judged.Classes[i], judged.Weights[i]);
                predictions.Scores.AsSpan(i * scoreCount, scoreCount).CopyTo(scores.AsSpan(row * scoreCount));
                if (probabilities.Length > 0)
                    probabilities[row] = predictions.Probabilities[i];
            }
        }

        OutOfFoldRows With(long[] rows, int[] foldOf, int[] classes, float[] weights, FoldPredictions kept) => new(
            rows, foldOf, classes, weights, kept.Scores, kept.Probabilities, scoreCount, options.ExampleWeightColumnName);
    }

    /// <summary>The rows as a view.</summary>
    /// <param name="label">Their labels.</param>
    /// <param name="predictions">What is predicted.</param>
    public TinyView View(TinyColumn label, IEnumerable<TinyColumn> predictions) => new(
    [
        new TinyColumn<long>("Row", NumberDataViewType.Int64, null, Rows),
        new TinyColumn<int>("Fold", NumberDataViewType.Int32, null, Folds),
        label,
        .. predictions,
        new TinyColumn<float>(WeightColumn ?? "Weight", NumberDataViewType.Single, null, Weights),
    ]);
}
