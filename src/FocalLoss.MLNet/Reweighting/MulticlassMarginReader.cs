
using FocalMlNet.Columns;
using FocalMlNet.Evaluation;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Reweighting;

/// <summary>Key labels, a score for each class: logits, or probabilities if those of all rows are not negative and sum to 1.</summary>
internal sealed class MulticlassMarginReader : MarginReader
{
    public override ColumnRole Label => ColumnRole.KeyLabel;

    public override double[] Margins(IDataView scored, DataViewSchema input, object? model, WeightedRows rows)
    {
        var (ofLogits, ofProbabilities) = (new double[rows.Count], new double[rows.Count]);
        var areProbabilities = true;
        var column = ScoreColumn(scored, input);
        using var cursor = scored.GetRowCursor([column]);
        var get = cursor.GetGetter<VBuffer<float>>(column);
        var buffer = default(VBuffer<float>);
        double[] logits = [], shares = [];
        for (var i = 0; IsAtRow(cursor, i, rows); i++)
        {
            get(ref buffer);
            if (logits.Length != buffer.Length)
                (logits, shares) = (new double[buffer.Length], new double[buffer.Length]);
            var y = rows.Classes[i];
            Fill(logits, buffer, score => score);
            areProbabilities &= AreProbabilities(logits);
            ofLogits[i] = Margin(logits, y, shares);
            // A probability of 0 is one too small for a float.
            Fill(logits, buffer, p => Math.Log(Math.Max(p, float.Epsilon)));
            ofProbabilities[i] = Margin(logits, y, shares);
        }

        return areProbabilities ? ofProbabilities : ofLogits;
    }

    private static void Fill(double[] values, in VBuffer<float> scores, Func<float, double> map)
    {
        Array.Fill(values, map(0));
        foreach (var (j, score) in scores.Items())
            values[j] = map(score);
    }

    // A row with NaN has no score at all: it does not speak against probabilities.
    private static bool AreProbabilities(double[] scores)
        => scores.Any(double.IsNaN) || (scores.All(p => p >= 0) && Math.Abs(scores.Sum() - 1) <= MulticlassEvaluation.SumTolerance);

    /// <summary>The logit of the class less the logarithm of the summed exponentials of the others; NaN without a class.</summary>
    private static double Margin(double[] logits, int y, double[] shares)
        => (uint)y < (uint)logits.Length && !logits.Any(double.IsNaN) ? Bounded(SoftmaxFocal.Margin(logits, y, shares)) : double.NaN;
}
