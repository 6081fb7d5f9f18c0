using FocalMlNet.Views;
using Microsoft.ML.Data;

namespace FocalMlNet.Tuning;

/// <summary>What a candidate says of the rows that judged it, in the order of the rows.</summary>
internal sealed record OutOfFoldRows(
    long[] Rows, int[] Folds, int[] Classes, float[] Weights, float[] Scores, float[] Probabilities, int ScoreCount, string? WeightColumn)
{
    public static OutOfFoldRows Of(
        IEnumerable<(int Fold, JudgedRows Rows, FoldPredictions Predictions)> folds, TuningOptions options)
    {
        var all = folds.ToArray();
        long[] rows = [.. all.SelectMany(fold => fold.Rows.Rows.Select(row => (long)row))];
        int[] order = [.. Enumerable.Range(0, rows.Length)];
        Array.Sort(rows, order);
        T[] InOrder<T>(IEnumerable<T> values)
        {
            T[] given = [.. values];
            return given.Length == 0 ? given : Array.ConvertAll(order, at => given[at]);
        }

        var count = all[0].Predictions.ScoreCount;
        var predictions = new FoldPredictions(
            [.. all.SelectMany(fold => fold.Predictions.Scores)], [.. all.SelectMany(fold => fold.Predictions.Probabilities)], count)
            .At(order);
        return new(
            rows, InOrder(all.SelectMany(fold => Enumerable.Repeat(fold.Fold, fold.Rows.Rows.Length))),
            InOrder(all.SelectMany(fold => fold.Rows.Classes)), InOrder(all.SelectMany(fold => fold.Rows.Weights)), predictions.Scores,
            predictions.Probabilities, count, options.ExampleWeightColumnName);
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
