using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tool.Training;

/// <summary>
/// What a model was trained for, as notes on the first of its input columns: they are saved with the schema, and ML.NET does not mind them.
/// </summary>
internal sealed record ModelNotes(string Label, string? Positive)
{
    private const string LabelKind = "FocalLabel", PositiveKind = "FocalPositive";

    public static DataViewSchema.Annotations Of(LabelClasses label)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        Add(LabelKind, label.Column);
        if (label.Positive is not null)
            Add(PositiveKind, label.Positive);
        return builder.ToAnnotations();

        void Add(string kind, string text)
            => builder.Add(kind, TextDataViewType.Instance, (ref ReadOnlyMemory<char> value) => value = text.AsMemory());
    }

    /// <summary>The notes of a saved schema, or null if it is none of ours.</summary>
    public static ModelNotes? In(DataViewSchema schema)
    {
        foreach (var column in schema)
        {
            if (Text(column, LabelKind) is { } label)
                return new(label, Text(column, PositiveKind));
        }

        return null;
    }

    private static string? Text(DataViewSchema.Column column, string kind)
    {
        if (column.Annotations.Schema.GetColumnOrNull(kind) is null)
            return null;
        ReadOnlyMemory<char> value = default;
        column.Annotations.GetValue(kind, ref value);
        return value.ToString();
    }
}
