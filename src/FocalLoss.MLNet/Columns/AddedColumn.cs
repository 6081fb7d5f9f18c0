using Microsoft.ML;

namespace FocalMlNet.Columns;

/// <summary>Tells columns that a model has added from those that its input has under the same name.</summary>
internal static class AddedColumn
{
    /// <summary>
    /// A column that a model has added, or null: it hides those of the same name that the input has, of which there is then one more.
    /// </summary>
    /// <param name="scored">What the model gives.</param>
    /// <param name="input">What it was given.</param>
    /// <param name="name">The name of the column.</param>
    public static DataViewSchema.Column? Of(DataViewSchema scored, DataViewSchema input, string name)
        => Count(scored, name) > Count(input, name) ? scored[name] : null;

    /// <summary>Refuses columns of the input in the place of those of the model.</summary>
    /// <param name="scored">What the model gives.</param>
    /// <param name="input">What it was given.</param>
    /// <param name="names">The columns that the model should have added; null for one that is not wanted.</param>
    /// <exception cref="InvalidOperationException">The model adds none, and the input has one.</exception>
    public static void Check(DataViewSchema scored, DataViewSchema input, params ReadOnlySpan<string?> names)
    {
        foreach (var name in names)
        {
            if (name is not null && Of(scored, input, name) is null && input.GetColumnOrNull(name) is not null)
                throw new InvalidOperationException($"The model adds no column '{name}': the one that there is was in its input.");
        }
    }

    /// <summary>
    /// Refuses a probability that was there before the model, where nothing is known of its input: the score is of a stock model, by its
    /// annotations, and the probability, which is not, comes before it. (A score that hides one of the input takes its place: then a
    /// probability that hides none is the input's.)
    /// </summary>
    /// <param name="scored">What the model gives.</param>
    /// <param name="scoreName">The score column.</param>
    /// <param name="probabilityName">The probability column; null for none.</param>
    /// <exception cref="InvalidOperationException">It was.</exception>
    public static void CheckProbability(DataViewSchema scored, string scoreName, string? probabilityName)
    {
        if (probabilityName is null || scored.GetColumnOrNull(scoreName) is not { } score
            || scored.GetColumnOrNull(probabilityName) is not { } probability
            || !IsOfStockModel(score) || IsOfStockModel(probability)
            || (probability.Index > score.Index && (Count(scored, scoreName) == 1 || Count(scored, probabilityName) > 1)))
        {
            return;
        }

        throw new InvalidOperationException(
            $"Column '{probabilityName}' is not of the model that made '{scoreName}': it was in its input. Name the model's own, or null "
            + "if it has no probabilities.");
    }

    private static bool IsOfStockModel(DataViewSchema.Column column)
        => column.Annotations.Schema.GetColumnOrNull("ScoreColumnSetId") is not null;

    private static int Count(DataViewSchema schema, string name)
        => schema.Count(column => string.Equals(column.Name, name, StringComparison.Ordinal));
}
