namespace Microsoft.ML.Calibrators;

public interface ICalibrator
{
    float PredictProbability(float output);
}

/// <summary>Probability 1/(1 + exp(slope score + offset)).</summary>
public sealed class PlattCalibrator : ICalibrator, ICanSaveModel
{
    internal PlattCalibrator(double slope, double offset)
    {
        Slope = slope;
        Offset = offset;
    }

    public double Slope { get; }

    public double Offset { get; }

    public float PredictProbability(float output) => (float)(1 / (1 + Math.Exp(Slope * output + Offset)));

    void ICanSaveModel.Save(ModelSaveContext ctx) => ctx.Write(this, writer =>
    {
        writer.Write(Slope);
        writer.Write(Offset);
    });

    internal static PlattCalibrator Load(BinaryReader reader) => new(reader.ReadDouble(), reader.ReadDouble());

    /// <summary>
    /// Maximum likelihood with the targets (N₊+1)/(N₊+2) and 1/(N₋+2) by Newton's method with a damping λ that falls
    /// by 10 with each success and rises by 10 with each failure (Platt, "Probabilistic outputs for support vector
    /// machines", 1999).
    /// </summary>
    internal static PlattCalibrator Fit(IReadOnlyList<(float Score, bool Positive, float Weight)> examples)
    {
        if (examples.Count == 0)
            return new PlattCalibrator(0, 0);
        var positives = examples.Where(e => e.Positive).Sum(e => (double)e.Weight);
        var negatives = examples.Where(e => !e.Positive).Sum(e => (double)e.Weight);
        var high = (positives + 1) / (positives + 2);
        var low = 1 / (negatives + 2);

        double slope = 0, offset = Math.Log((negatives + 1) / (positives + 1));
        var p = new float[examples.Count];
        Array.Fill(p, (float)((positives + 1) / (positives + negatives + 2)));
        double damping = .001, lastError = double.MaxValue / 2;
        var steady = 0;
        for (var iteration = 0; iteration < 100 && steady < 3; iteration++)
        {
            double haa = 0, hbb = 0, hab = 0, ga = 0, gb = 0;
            for (var i = 0; i < p.Length; i++)
            {
                var (x, positive, weight) = examples[i];
                var curvature = p[i] * (1 - p[i]) * weight;
                var slack = (p[i] - (positive ? high : low)) * weight;
                haa += (double)x * x * curvature;
                hbb += curvature;
                hab += x * curvature;
                ga += x * slack;
                gb += slack;
            }

            if (Math.Abs(ga) < 1e-9 && Math.Abs(gb) < 1e-9)
                break;
            var (oldSlope, oldOffset) = (slope, offset);
            double error;
            while (true)
            {
                var determinant = (haa + damping) * (hbb + damping) - hab * hab;
                if (determinant == 0)
                {
                    damping *= 10;
                    continue;
                }

                slope = oldSlope + ((hbb + damping) * ga - hab * gb) / determinant;
                offset = oldOffset + ((haa + damping) * gb - hab * ga) / determinant;
                error = Error();
                if (error < lastError * (1 + 1e-7))
                {
                    damping /= 10;
                    break;
                }

                damping *= 10;
                if (damping >= 1e6)
                    break;
            }

            var scale = (error + lastError + 1) / 2;
            steady = error - lastError > -1e-3 * scale && error - lastError < 1e-7 * scale ? steady + 1 : 0;
            lastError = error;
        }

        return new PlattCalibrator(slope, offset);

        double Error()
        {
            var current = new PlattCalibrator(slope, offset);
            var sum = 0.0;
            for (var i = 0; i < p.Length; i++)
            {
                var (score, positive, weight) = examples[i];
                p[i] = current.PredictProbability(score);
                var target = positive ? high : low;
                var logOfP = p[i] > 0 ? Math.Log(p[i]) : -200;
                var logOfRest = p[i] < 1 ? Math.Log(1 - p[i]) : -200;
                sum -= (target * logOfP + (1 - target) * logOfRest) * weight;
            }

            return sum;
        }
    }
}
