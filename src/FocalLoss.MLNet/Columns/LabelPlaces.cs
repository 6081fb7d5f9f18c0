
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Columns;

/// <summary>
/// Which score belongs to which label. The scores bear the names of the classes in training, as slot names or, if these are no texts, as
/// training label values; a label of text or of a key with values finds its score by name, as the keys of other data may be in another
/// order. Without names, the first score is that of the first key, and so on. A class without a score, which training has not seen, gets a
/// place after all scores when it turns up.
/// </summary>
internal sealed class LabelPlaces
{
    /// <summary>With more classes that have no score, the column is no label of the model.</summary>
    private const int MostUnseen = 1000;

    private readonly DataViewSchema.Column _label;
    private readonly string[]? _keyValues;
    private readonly bool _isByName;
    private readonly List<string> _names;
    private readonly Dictionary<string, int> _placeOfName = new(StringComparer.Ordinal);

    public LabelPlaces(DataViewSchema.Column label, DataViewSchema.Column score)
    {
        _label = label;
        ScoreCount = ((VectorDataViewType)score.Type).Size;
        _keyValues = ValueTexts.OfKeys(label);
        var ofScores = ValueTexts.Of(score, "SlotNames", ScoreCount) ?? ValueTexts.Of(score, ValueTexts.TrainingLabelValues, ScoreCount);
        if (ofScores is null && label.Type is TextDataViewType)
        {
            throw new ArgumentOutOfRangeException(nameof(label),
                $"The label column '{label.Name}' is text, but the score column '{score.Name}' has no names that say which score is whose: "
                + "make the label a key.");
        }

        _isByName = ofScores is not null && (label.Type is TextDataViewType || _keyValues is not null);
        _names = [.. ofScores ?? Enumerable.Range(0, ScoreCount).Select(k => NameOfKey(k))];
        for (var k = 0; k < ScoreCount; k++)
            _placeOfName.TryAdd(_names[k], k);
    }

    /// <summary>The number of scores.</summary>
    public int ScoreCount { get; }

    /// <summary>
    /// The names of the classes, in the order of the scores; then those without a score, in the order in which they turned up.
    /// </summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>
    /// Gives the class of the row at which a cursor is, as a place among <see cref="Names"/>, or <see cref="LabelReader.Missing"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// When it is called: a key is larger than its type allows, or too many classes have no score.
    /// </exception>
    public Func<int> Getter(DataViewRow row)
    {
        var codes = ColumnCodes.Of(row, _label);
        var placeOfCode = new List<int>();
        return () =>
        {
            var code = codes.Next();
            if (code == placeOfCode.Count)
                placeOfCode.Add(PlaceOf(codes.Names[code], row));
            return code < 0 ? LabelReader.Missing : placeOfCode[code];
        };
    }

    /// <summary>The place of a label that turns up for the first time: a text, or a key in words.</summary>
    private int PlaceOf(string label, DataViewRow row)
    {
        if (_label.Type is KeyDataViewType)
        {
            var k = uint.Parse(label, CultureInfo.InvariantCulture) - 1;
            if (!_isByName)
                return k < (uint)ScoreCount ? (int)k : AddUnseen(NameOfKey(k), row);
            label = _keyValues![k];
        }

        if (!_placeOfName.TryGetValue(label, out var place))
            _placeOfName.Add(label, place = AddUnseen(label, row));
        return place;
    }

    private int AddUnseen(string name, DataViewRow row)
    {
        if (_names.Count == ScoreCount + MostUnseen)
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"Label column '{_label.Name}' has '{name}' in row {row.Position}, after {MostUnseen} others that are none of the ")
                + $"{ScoreCount} classes of the scores: is it the label of this model?");
        }

        _names.Add(name);
        return _names.Count - 1;
    }

    private string NameOfKey(long k)
        => _keyValues is not null && k < _keyValues.Length ? _keyValues[k] : k.ToString(CultureInfo.InvariantCulture);
}
