using FocalMlNet.Evaluation;

namespace FocalMlNet.Report;

/// <summary>
/// What a logistic regression of the label on the log-odds of the probability says (Cox, "Two further applications of a model for binary
/// regression", 1958): a slope of 1 if the probabilities are as spread as they should be, below 1 if they are too extreme; and how many
/// positives came for each that was expected.
/// </summary>
/// <param name="Slope">The slope; NaN if the rows do not tell.</param>
/// <param name="SlopeError">Its standard error.</param>
/// <param name="Expected">Σ p.</param>
/// <param name="Observed">The positives.</param>
/// <param name="Z">(observed - expected) / √Σ p (1 - p).</param>
internal sealed record CalibrationTest(double Slope, double SlopeError, double Expected, double Observed, double Z)
{
    private const int MostSteps = 25;

    public static CalibrationTest Of(ScoredRows rows)
    {
        var logits = Array.ConvertAll(rows.Probabilities, p => BinaryEvaluation.Logit(p));
        double expected = 0, observed = 0, variance = 0;
        for (var i = 0; i < logits.Length; i++)
        {
            double p = rows.Probabilities[i], w = rows.Weights[i];
            expected += w * p;
            observed += rows.Labels[i] ? w : 0;
            variance += w * w * p * (1 - p);
        }

        var (slope, error) = Slopes(rows, logits);
        return new(slope, error, expected, observed, variance > 0 ? (observed - expected) / Math.Sqrt(variance) : double.NaN);
    }

    /// <summary>
    /// Newton's method from the slope 0, in steps that are halved while the loss grows; the error is that of rows which count by
    /// their weight.
    /// </summary>
    private static (double Slope, double Error) Slopes(ScoredRows rows, double[] logits)
    {
        double positives = 0, total = 0;
        for (var i = 0; i < logits.Length; i++)
            (positives, total) = (positives + (rows.Labels[i] ? rows.Weights[i] : 0), total + rows.Weights[i]);
        double a = Math.Log(positives / (total - positives)), b = 0, da = 0, db = 0, last = double.PositiveInfinity;
        for (var step = 0; step < MostSteps; step++)
        {
            double loss = 0, ga = 0, gb = 0, haa = 0, hab = 0, hbb = 0, vaa = 0, vab = 0, vbb = 0;
            for (var i = 0; i < logits.Length; i++)
            {
                var (x, w) = (logits[i], (double)rows.Weights[i]);
                var margin = rows.Labels[i] ? a + b * x : -a - b * x;
                // e^-|m|, of which the loss ln(1 + e^-m) and the probability are made without overflow.
                var small = Math.Exp(-Math.Abs(margin));
                var miss = (margin > 0 ? small : 1) / (1 + small);
                loss += w * (Math.Log(1 + small) + Math.Max(-margin, 0));
                var off = w * (rows.Labels[i] ? miss : -miss);
                var h = w * miss * (1 - miss);
                (ga, gb) = (ga + off, gb + off * x);
                (haa, hab, hbb) = (haa + h, hab + h * x, hbb + h * x * x);
                (vaa, vab, vbb) = (vaa + w * h, vab + w * h * x, vbb + w * h * x * x);
            }

            if (loss > last * (1 + 1e-12))
            {
                (da, db) = (da / 2, db / 2);
                (a, b) = (a - da, b - db);
                continue;
            }

            last = loss;
            var determinant = haa * hbb - hab * hab;
            // The rows all have one probability, or a line tells the classes apart without error.
            if (!(determinant > 1e-9 * haa * hbb && loss > 1e-6 * total))
                return (double.NaN, double.NaN);
            (da, db) = ((hbb * ga - hab * gb) / determinant, (haa * gb - hab * ga) / determinant);
            (a, b) = (a + da, b + db);
            if (Math.Abs(db) < 1e-6 * (1 + Math.Abs(b)))
            {
                // H⁻¹ V H⁻¹, of the slope.
                var variance = (hab * hab * vaa - 2 * haa * hab * vab + haa * haa * vbb) / (determinant * determinant);
                return (b, Math.Sqrt(variance));
            }
        }

        return (double.NaN, double.NaN);
    }
}
