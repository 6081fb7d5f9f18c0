
using FocalMlNet.Columns;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Evaluation;

/// <summary>Rows of a weight above 0 with a score for each class.</summary>
/// <param name="ClassNames">The classes, in the order of the scores; then those without a score.</param>
/// <param name="Scores">The scores of the first row, then those of the second, and so on.</param>
/// <param name="Labels">The class of each row, as a place among the class names.</param>
/// <param name="Weights">The example weight of each row.</param>
/// <param name="UnseenCount">How many classes have no score, since training has not seen them.</param>
/// <param name="RowsWithoutLabel">Rows of a weight above 0 that are not among these, as they have no label.</param>
/// <param name="Places">The number of each row in the data, from 0; null if all rows of the data are among these.</param>
internal sealed record ClassScoredRows(
    IReadOnlyList<string> ClassNames, float[] Scores, int[] Labels, float[] Weights, int UnseenCount = 0, long RowsWithoutLabel = 0,
    int[]? Places = null)
{
    /// <summary>The number of scores of a row.</summary>
    public int ScoreCount => ClassNames.Count - UnseenCount;

    /// <summary>The scores of a row.</summary>
    public ReadOnlySpan<float> ScoresOf(int i) => Scores.AsSpan(i * ScoreCount, ScoreCount);

    /// <summary>Reads a view once.</summary>
    /// <exception cref="ArgumentException">A column has no name.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are no rows with a label, none of them is of a class with a score, or a label, a score or a weight is not allowed.
    /// </exception>
    public static ClassScoredRows Read(IDataView data, string labelColumnName, string scoreColumnName, string? weightColumnName)
    {
        ArgumentNullException.ThrowIfNull(data);
        var label = ColumnRole.ScoredLabel.Check(data.Schema, Guard.NotEmpty(labelColumnName));
        var score = ColumnRole.ClassScores.Check(data.Schema, Guard.NotEmpty(scoreColumnName));
        var weight = ColumnRole.Weight.CheckNamed(data.Schema, weightColumnName);
        var classes = new LabelPlaces(label, score);

        using var cursor = data.GetRowCursor(weight is { } given ? [label, score, given] : [label, score]);
        var classOf = classes.Getter(cursor);
        var getScores = cursor.GetGetter<VBuffer<float>>(score);
        var weightOf = WeightReader.Of(cursor, weight);
        List<int> labels = [];
        List<float> scores = [];
        List<float> weightOfRow = [];
        List<int> places = [];
        long withoutLabel = 0;
        var row = default(VBuffer<float>);
        var place = -1;
        while (cursor.MoveNext())
        {
            place++;
            var ofRow = weightOf();
            if (ofRow == 0)
                continue;
            var k = classOf();
            if (k == LabelReader.Missing)
            {
                withoutLabel++;
                continue;
            }

            labels.Add(k);
            places.Add(place);
            weightOfRow.Add(ofRow);
            getScores(ref row);
            foreach (var value in row.DenseValues())
                scores.Add(float.IsFinite(value) ? value : throw NotAllowed(value));
        }

        if (labels.Count == 0)
        {
            throw new InvalidOperationException(withoutLabel == 0
                ? "The data has no rows with a weight above 0."
                : $"Label column '{labelColumnName}' is missing in all {withoutLabel} rows with a weight above 0.");
        }

        if (!labels.Exists(k => k < classes.ScoreCount))
        {
            throw new InvalidOperationException(
                $"Label column '{labelColumnName}' has no row with one of the {classes.ScoreCount} classes of the scores, "
                + $"'{classes.Names[0]}' being the first; it has '{classes.Names[labels[0]]}'. Is it the label of this model?");
        }

        var unseen = classes.Names.Count - classes.ScoreCount;
        return new(
            classes.Names, [.. scores], [.. labels], [.. weightOfRow], unseen, withoutLabel, places.Count <= place ? [.. places] : null);

        InvalidOperationException NotAllowed(float value)
            => new(FormattableString.Invariant(
                $"Column '{scoreColumnName}' has {value} in row {cursor.Position}, but it should be finite."));
    }
}
