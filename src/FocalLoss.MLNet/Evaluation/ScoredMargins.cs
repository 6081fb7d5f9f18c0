using FocalMlNet.Columns;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Evaluation;

/// <summary>The class of a scored row and its margin, ln p - ln(1 - p) for the probability p of that class.</summary>
/// <param name="Class">A place among the classes' names; of two classes 1 is the positive one. Negative for a missing label.</param>
/// <param name="Margin">NaN if there is no label or no score.</param>
internal readonly record struct ScoredMargin(int Class, double Margin);

/// <summary>Reads margins, of which the focal loss is a function, from a label column and a column of logits or probabilities.</summary>
internal sealed class ScoredMargins
{
    private static readonly string[] TwoClasses = ["False", "True"];

    private readonly DataViewSchema.Column _label;
    private readonly DataViewSchema.Column _score;
    private readonly bool _areProbabilities;

    private ScoredMargins(DataViewSchema.Column label, DataViewSchema.Column score, bool areProbabilities)
        => (_label, _score, _areProbabilities) = (label, score, areProbabilities);

    public DataViewSchema.Column[] Columns => [_label, _score];

    /// <summary>Checks the columns of a view.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    public static ScoredMargins Of(DataViewSchema schema, string label, string score, bool areSeveral, bool areProbabilities)
    {
        var (labelRole, scoreRole) = Roles(areSeveral);
        return new(
            labelRole.Check(schema, Guard.NotEmpty(label, "labelColumnName")),
            scoreRole.Check(schema, Guard.NotEmpty(score, "scoreColumnName")), areProbabilities);
    }

    /// <summary>A Boolean label and one score; or a label of several classes and a score for each.</summary>
    public static (ColumnRole Label, ColumnRole Score) Roles(bool areSeveral)
        => areSeveral ? (ColumnRole.ScoredLabel, ColumnRole.ClassScores) : (ColumnRole.BinaryLabel, ColumnRole.Score);

    /// <summary>Gives the margin of the row at which a cursor is.</summary>
    /// <param name="row">The cursor.</param>
    /// <param name="names">The names of the classes, those without a score last; they become more when such a class turns up.</param>
    /// <exception cref="InvalidOperationException">When it is called: a key or a probability is outside its range.</exception>
    public Func<ScoredMargin> Getter(DataViewRow row, out IReadOnlyList<string> names)
    {
        if (_label.Type is BooleanDataViewType)
        {
            names = TwoClasses;
            return OfTwo(row);
        }

        var places = new LabelPlaces(_label, _score);
        names = places.Names;
        return OfSeveral(row, places);
    }

    private Func<ScoredMargin> OfTwo(DataViewRow row)
    {
        var labelOf = LabelReader.Of(row, _label);
        var scoreOf = NumberReader.Of(row, _score, z => !_areProbabilities || z is (>= 0 and <= 1) or float.NaN, "in [0; 1]");
        return () =>
        {
            double y = labelOf(), z = scoreOf();
            var logit = _areProbabilities ? BinaryEvaluation.Logit(z) : z;
            return new((int)y, y == 1 ? logit : -logit);
        };
    }

    private Func<ScoredMargin> OfSeveral(DataViewRow row, LabelPlaces places)
    {
        var (classOf, getScores) = (places.Getter(row), row.GetGetter<VBuffer<float>>(_score));
        var buffer = default(VBuffer<float>);
        var (scores, logits, shares) = (new float[places.ScoreCount], new double[places.ScoreCount], new double[places.ScoreCount]);
        return () =>
        {
            var k = classOf();
            getScores(ref buffer);
            buffer.CopyTo(scores);
            return new(k, k == LabelReader.Missing || scores.Any(float.IsNaN) ? double.NaN : Margin(k));
        };

        double Margin(int k)
        {
            if (_areProbabilities)
            {
                var (own, sum) = MulticlassEvaluation.Probability(scores, k, row.Position);
                return Math.Log(own) - Math.Log(sum - own);
            }

            if (k >= scores.Length)
                return BinaryEvaluation.Logit(0);
            for (var j = 0; j < scores.Length; j++)
                logits[j] = BinaryFocal.Bounded(scores[j]);
            return SoftmaxFocal.Margin(logits, k, shares);
        }
    }
}
