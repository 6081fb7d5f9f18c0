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
                throw NotOfModel(name);
        }
    }

    /// <summary>The error of a column that a model should have added, and that its input has.</summary>
    public static InvalidOperationException NotOfModel(string name)
        => new($"The model adds no column '{name}': the one that there is was in its input.");

    private static int Count(DataViewSchema schema, string name)
        => schema.Count(column => string.Equals(column.Name, name, StringComparison.Ordinal));
}
