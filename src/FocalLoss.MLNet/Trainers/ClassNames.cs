using Microsoft.ML.Data;

namespace FocalMlNet.Trainers;

/// <summary>The classes of a key column, by the text they were made from if it is known.</summary>
internal sealed class ClassNames
{
    private readonly string[]? _texts;

    private ClassNames(int count, string[]? texts) => (Count, _texts) = (count, texts);

    public int Count { get; }

    /// <summary>How a message calls class k.</summary>
    public string this[int k] => _texts is null ? $"{k + 1}" : $"'{_texts[k]}'";

    public static ClassNames Of(Microsoft.ML.DataViewSchema.Column label)
    {
        var count = checked((int)((KeyDataViewType)label.Type).Count);
        if (!label.HasKeyValues())
            return new ClassNames(count, null);
        var texts = default(VBuffer<ReadOnlyMemory<char>>);
        label.GetKeyValues(ref texts);
        return new ClassNames(count, [.. texts.DenseValues().Select(text => text.ToString())]);
    }
}
