namespace FocalMlNet.Columns;

/// <summary>The classes of a key column.</summary>
/// <param name="Count">Their number.</param>
/// <param name="Texts">The values they were made from, if these are known.</param>
internal sealed record ClassNames(int Count, string[]? Texts)
{
    /// <summary>How a message calls class k.</summary>
    public string this[int k] => Texts is null ? $"{k + 1}" : $"'{Texts[k]}'";

    public static ClassNames Of(Microsoft.ML.DataViewSchema.Column label)
        => new(LabelReader.ClassCount(label), ValueTexts.OfKeys(label));
}
