using FocalMlNet.Evaluation;

namespace FocalMlNet.Report;

/// <summary>A curve's interval at some places.</summary>
internal sealed record CurveBand(double[] X, double[] Low, double[] High);

/// <summary>
/// Pointwise intervals of the curves. The rows between two cuts are one bin; drawing rows with replacement gives each bin a Poisson number
/// of each class (<see cref="RowResampling"/>), so that a resample costs as many draws as there are bins. Of the resamples the variance is
/// taken: the interval is the exact one of a share of as many rows as have it, which holds what it promises where few rows are, and at 0
/// and 1 (<see cref="ShareInterval"/>).
/// </summary>
internal sealed class CurveBands
{
    private const int Resamples = 400, Places = 100;

    private const double Level = .95;

    /// <summary>From here on a Poisson variable is drawn from a normal one, with its skewness.</summary>
    private const double ManyRows = 60;

    private readonly Bin[] _bins;
    private readonly EffectiveRows _positives, _negatives;

    /// <param name="rows">The rows.</param>
    /// <param name="cuts">Between which bins are made.</param>
    /// <param name="seed">Of the random numbers.</param>
    /// <param name="number">Which of the models that have the seed in common it is.</param>
    public CurveBands(ModelRows rows, int[] cuts, int seed, int number)
    {
        (_positives, _negatives) = (rows.AllPositives, rows.AllNegatives);
        // The rows that no threshold reaches are a bin too.
        int[] ends = [.. cuts, .. cuts[^1] < rows.Values.Length ? [rows.Values.Length] : Array.Empty<int>()];
        _bins = [.. ends.Skip(1).Select((end, b) => new Bin(
            rows.TruePositives(end) - rows.TruePositives(ends[b]),
            rows.FalsePositives(end) - rows.FalsePositives(ends[b])))];
        // Close to each other where few rows are called positive: there curves are steep, and rare positives are.
        double[] recalls = [.. Enumerable.Range(1, Places).Select(i => (double)i / Places)];
        double[] shares = [.. Enumerable.Range(0, Places + 1).Select(i => (double)i / Places * i / Places)];
        var random = SplitMix.Of(seed, number);
        var normals = new Normals();
        Cumulated original = new(_bins.Length), resampled = new(_bins.Length);
        original.Fill(_bins);
        var values = original.Values(recalls, shares);
        double[] sums = new double[values.Length], squares = new double[values.Length];
        for (var r = 0; r < Resamples; r++)
        {
            resampled.Draw(_bins, ref random, ref normals);
            var drawn = resampled.Values(recalls, shares);
            for (var i = 0; i < drawn.Length; i++)
            {
                var distance = drawn[i] - values[i];
                sums[i] += distance;
                squares[i] += distance * distance;
            }
        }

        var freedom = EffectiveRows.DegreesOfFreedom([_positives.Count, _negatives.Count]);
        var intervals = new ShareInterval(Level);
        Precision = Band(recalls, 0, i => original.AlertsAt(recalls[i], _bins).Count);
        TruePositiveRate = Band(shares, recalls.Length, _ => _positives.Count);
        Recall = Band(shares, recalls.Length + shares.Length, _ => _positives.Count);

        CurveBand Band(double[] x, int first, Func<int, double> mostRows)
        {
            var (low, high) = (new double[x.Length], new double[x.Length]);
            for (var i = 0; i < x.Length; i++)
            {
                var (value, mean) = (values[first + i], sums[first + i] / Resamples);
                var variance = Math.Max(squares[first + i] / Resamples - mean * mean, 0) * Resamples / (Resamples - 1.0);
                // A share of 0 or 1 that other rows change is told by the mean of those: by itself it has no variance.
                var share = value is > 0 and < 1 || variance == 0 ? value : Math.Clamp(value + mean, 1e-9, 1 - 1e-9);
                var (from, to) = intervals.OfVariance(share, variance * (freedom + 1) / freedom, 0, 1, mostRows(i));
                (low[i], high[i]) = (Math.Min(from, value), Math.Max(to, value));
            }

            return new(x, low, high);
        }
    }

    /// <summary>Of precision, by recall.</summary>
    public CurveBand Precision { get; }

    /// <summary>Of the true-positive rate, by the false-positive rate.</summary>
    public CurveBand TruePositiveRate { get; }

    /// <summary>Of recall, by the share of alerts.</summary>
    public CurveBand Recall { get; }

    private readonly record struct Bin(EffectiveRows Positives, EffectiveRows Negatives);

    /// <summary>Standard normal variables, which come in pairs (Box and Muller 1958).</summary>
    private struct Normals
    {
        private double? _second;

        public double Next(ref SplitMix random)
        {
            if (_second is { } waiting)
            {
                _second = null;
                return waiting;
            }

            var (radius, angle) = (Math.Sqrt(-2 * Math.Log(random.NextUnit())), 2 * Math.PI * random.NextUnit());
            _second = radius * Math.Sin(angle);
            return radius * Math.Cos(angle);
        }
    }

    /// <summary>What is called positive up to the end of each bin.</summary>
    private sealed class Cumulated(int count)
    {
        private readonly double[] _true = new double[count], _false = new double[count];

        public void Fill(Bin[] bins)
        {
            double tp = 0, fp = 0;
            for (var b = 0; b < bins.Length; b++)
                (_true[b], _false[b]) = (tp += bins[b].Positives.Weight, fp += bins[b].Negatives.Weight);
        }

        /// <summary>Fills it with rows drawn again; again where a class has none.</summary>
        public void Draw(Bin[] bins, ref SplitMix random, ref Normals normals)
        {
            do
            {
                double tp = 0, fp = 0;
                for (var b = 0; b < bins.Length; b++)
                {
                    _true[b] = tp += Drawn(bins[b].Positives, ref random, ref normals);
                    _false[b] = fp += Drawn(bins[b].Negatives, ref random, ref normals);
                }
            }
            while (!(_true[^1] > 0 && _false[^1] > 0));
        }

        /// <summary>Precision at the recalls, then the true-positive rate at the shares, then recall at the shares of alerts.</summary>
        public double[] Values(double[] recalls, double[] shares)
        {
            var values = new double[recalls.Length + 2 * shares.Length];
            var at = 0;
            for (int i = 0, b = 0; i < recalls.Length; i++)
            {
                while (b < count - 1 && _true[b] < recalls[i] * _true[^1] * (1 - 1e-12))
                    b++;
                values[at++] = _true[b] / (_true[b] + _false[b]);
            }

            Read(_false);
            var alerts = new double[count];
            for (var b = 0; b < count; b++)
                alerts[b] = _true[b] + _false[b];
            Read(alerts);
            return values;

            void Read(double[] along)
            {
                var b = 0;
                foreach (var share in shares)
                {
                    var target = share * along[^1];
                    while (b < count - 1 && along[b] <= target)
                        b++;
                    var (x, y) = b > 0 ? (along[b - 1], _true[b - 1]) : (0, 0);
                    var part = along[b] > x ? Math.Clamp((target - x) / (along[b] - x), 0, 1) : 1;
                    values[at++] = (y + part * (_true[b] - y)) / _true[^1];
                }
            }
        }

        /// <summary>The rows that are called positive at a recall.</summary>
        public EffectiveRows AlertsAt(double recall, Bin[] bins)
        {
            EffectiveRows called = default;
            for (var b = 0; b < count; b++)
            {
                called += bins[b].Positives + bins[b].Negatives;
                if (_true[b] >= recall * _true[^1] * (1 - 1e-12))
                    break;
            }

            return called;
        }

        /// <summary>
        /// Rows that each count a Poisson number of times: as many of equal weight as say as much have the same mean and variance.
        /// </summary>
        private static double Drawn(EffectiveRows rows, ref SplitMix random, ref Normals normals)
        {
            if (!(rows.Weight > 0))
                return 0;
            var mean = rows.Count;
            // Differences of sums may have lost what is too small beside them.
            if (!(mean < double.PositiveInfinity))
                return rows.Weight;
            double number = 0;
            if (mean > ManyRows)
            {
                var z = normals.Next(ref random);
                number = Math.Max(Math.Round(mean + Math.Sqrt(mean) * z + (z * z - 1) / 6), 0);
            }
            else
            {
                var (probability, u) = (Math.Exp(-mean), random.NextUnit());
                for (; u > probability && number < 10 * ManyRows; probability *= mean / number)
                {
                    u -= probability;
                    number++;
                }
            }

            return number * (rows.Squares / rows.Weight);
        }
    }
}
