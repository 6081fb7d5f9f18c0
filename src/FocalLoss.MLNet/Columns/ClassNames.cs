namespace FocalMlNet.Columns;

/// <summary>The classes of a key column, by the values they were made from if these are known.</summary>
internal sealed class ClassNames
{
    private readonly string[]? _texts;

    private ClassNames(int count, string[]? texts) => (Count, _texts) = (count, texts);

    public int Count { get; }

    /// <summary>How a message calls class k.</summary>
    public string this[int k] => _texts is null ? $"{k + 1}" : $"'{_texts[k]}'";

    public static ClassNames Of(Microsoft.ML.DataViewSchema.Column label)
    {
        var count = LabelReader.ClassCount(label);
        return new ClassNames(count, ValueTexts.Of(label, ValueTexts.KeyValues, count));
    }
}
