using System.Globalization;
using FocalMlNet.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Evaluation;

/// <summary>
/// Which score belongs to which label. The scores bear the names of the classes in training, as slot names or, if these are no texts, as training label values; a label of text or
/// of a key with values finds its score by name, as the keys of other data may be in another order. Without names, the first score is that of the first key, and so on.
/// </summary>
internal sealed class LabelPlaces
{
    private readonly DataViewSchema.Column _label;
    private readonly Dictionary<string, int> _placeOf = new(StringComparer.Ordinal);
    private readonly string[]? _keyValues;

    public LabelPlaces(DataViewSchema.Column label, DataViewSchema.Column score)
    {
        _label = label;
        var count = ((VectorDataViewType)score.Type).Size;
        _keyValues = label.Type is KeyDataViewType { Count: <= int.MaxValue } key ? ValueTexts.Of(label, ValueTexts.KeyValues, (int)key.Count) : null;
        var ofScores = ValueTexts.Of(score, "SlotNames", count) ?? ValueTexts.Of(score, ValueTexts.TrainingLabelValues, count);

        if (ofScores is null && label.Type is TextDataViewType)
        {
            throw new ArgumentOutOfRangeException(nameof(label),
                $"The label column '{label.Name}' is text, but the score column '{score.Name}' has no names that say which score is whose: make the label a key.");
        }

        if (ofScores is null && ((KeyDataViewType)label.Type).Count != (ulong)count)
        {
            throw new ArgumentOutOfRangeException(nameof(label),
                $"The label column '{label.Name}' has {((KeyDataViewType)label.Type).Count} classes and the score column '{score.Name}' {count} scores without names, but they should be as many.");
        }

        Names = ofScores ?? _keyValues ?? [.. Enumerable.Range(0, count).Select(k => k.ToString(CultureInfo.InvariantCulture))];
        for (var k = 0; k < count; k++)
            _placeOf.TryAdd(Names[k], k);
    }

    /// <summary>The names of the classes, in the order of the scores.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Gives the class of the row at which a cursor is, as a place among the scores.</summary>
    public Func<int> Getter(DataViewRow row)
    {
        if (_label.Type is TextDataViewType)
        {
            var getText = row.GetGetter<ReadOnlyMemory<char>>(_label);
            var text = default(ReadOnlyMemory<char>);
            return () =>
            {
                getText(ref text);
                return Place(text.ToString(), row);
            };
        }

        var getKey = row.GetGetter<uint>(_label);
        var key = 0u;
        return () =>
        {
            getKey(ref key);
            if (key == 0)
                throw NotAllowed("a missing label", row);
            return _keyValues is not null ? Place(_keyValues[key - 1], row)
                : key <= (uint)Names.Count ? (int)key - 1
                : throw NotAllowed($"key {key}", row);
        };
    }

    private int Place(string name, DataViewRow row) => _placeOf.TryGetValue(name, out var place) ? place : throw NotAllowed($"'{name}'", row);

    private InvalidOperationException NotAllowed(string what, DataViewRow row) => new(FormattableString.Invariant(
        $"Label column '{_label.Name}' has {what} in row {row.Position}, but it should be one of the {Names.Count} classes of the scores."));
}
