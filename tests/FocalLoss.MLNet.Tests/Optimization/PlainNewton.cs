namespace FocalMlNet.Tests.Optimization;

/// <summary>
/// The regularised weighted mean focal loss and its minimum by a plain damped Newton method in double precision on all rows: slow, and
/// without anything of the library's own but the numbers.
/// </summary>
internal sealed class PlainNewton
{
    private readonly double[][] _x;
    private readonly double[] _sign;
    private readonly double[] _weight;
    private readonly double _γ;
    private readonly double _λ;
    private readonly double[] _centre;
    private readonly double[] _unit;

    public PlainNewton(Row[] rows, double γ, double λ)
    {
        _x = [.. rows.Select(row => row.Features.Select(v => (double)v).ToArray())];
        _sign = [.. rows.Select(row => row.Label ? 1.0 : -1)];
        var total = rows.Sum(row => (double)row.Weight);
        _weight = [.. rows.Select(row => row.Weight / total)];
        (_γ, _λ) = (γ, λ);
        var d = _x[0].Length;
        (_centre, _unit) = (new double[d], new double[d]);
        for (var j = 0; j < d; j++)
        {
            double[] column = [.. _x.Select(row => row[j]).Order()];
            _centre[j] = column[column.Length / 2];
            double[] distances = [.. column.Select(v => Math.Abs(v - _centre[j])).Where(v => v > 0).Order()];
            _unit[j] = distances.Length > 0 ? distances[distances.Length / 2] : 1;
        }
    }

    /// <summary>The objective of weights and a bias for the features as given.</summary>
    public double Objective(IReadOnlyList<double> weights, double bias)
    {
        double sum = 0;
        for (var i = 0; i < _x.Length; i++)
        {
            var z = bias;
            for (var j = 0; j < weights.Count; j++)
                z += weights[j] * _x[i][j];
            sum += _weight[i] * Loss(_sign[i] * z, _γ).Value;
        }

        return sum + _λ / 2 * weights.Sum(w => w * w);
    }

    /// <summary>Weights and bias of a minimum, from given ones on.</summary>
    public (double[] Weights, double Bias) Minimize(IReadOnlyList<double> weights, double bias)
    {
        // In coordinates around the medians, in units of the median distance.
        double[] point = [.. weights.Select((w, j) => w * _unit[j]), bias + weights.Select((w, j) => w * _centre[j]).Sum()];
        var (value, gradient, curvature) = At(point);
        var μ = 1e-3;
        for (var iteration = 0; iteration < 500 && μ < 1e12; iteration++)
        {
            var step = Solve(curvature, gradient, μ);
            if (step.Zip(gradient, (s, g) => s * g).Sum() < 1e-11 * value && μ <= 1e-6)
                break;
            double[] trial = [.. point.Zip(step, (p, s) => p - s)];
            var next = At(trial);
            if (next.Value <= value)
            {
                (point, value, gradient, curvature) = (trial, next.Value, next.Gradient, next.Curvature);
                μ = Math.Max(μ / 10, 1e-14);
            }
            else
            {
                μ *= 10;
            }
        }

        double[] w = [.. _unit.Select((u, j) => point[j] / u)];
        return (w, point[^1] - w.Select((v, j) => v * _centre[j]).Sum());
    }

    private (double Value, double[] Gradient, double[][] Curvature) At(double[] point)
    {
        var size = point.Length;
        var gradient = new double[size];
        double[][] curvature = [.. point.Select(_ => new double[size])];
        double value = 0;
        var z = new double[size];
        z[^1] = 1;
        for (var i = 0; i < _x.Length; i++)
        {
            var score = point[^1];
            for (var j = 0; j < size - 1; j++)
            {
                z[j] = (_x[i][j] - _centre[j]) / _unit[j];
                score += point[j] * z[j];
            }

            var (loss, slope, bend) = Loss(_sign[i] * score, _γ);
            value += _weight[i] * loss;
            for (var j = 0; j < size; j++)
            {
                gradient[j] += _weight[i] * _sign[i] * slope * z[j];
                // Where the loss is not convex its curvature is left out.
                for (var k = 0; k <= j && bend > 0; k++)
                    curvature[j][k] += _weight[i] * bend * z[j] * z[k];
            }
        }

        for (var j = 0; j < size - 1; j++)
        {
            var w = point[j] / _unit[j];
            value += _λ / 2 * w * w;
            gradient[j] += _λ * w / _unit[j];
            curvature[j][j] += _λ / _unit[j] / _unit[j];
        }

        return (value, gradient, curvature);
    }

    /// <summary>The focal loss of a signed score, its first and its second derivative.</summary>
    public static (double Value, double Slope, double Bend) Loss(double s, double γ)
    {
        var lnP = s > 0 ? -Math.Log(1 + Math.Exp(-s)) : s - Math.Log(1 + Math.Exp(s));
        var (p, q) = (Math.Exp(lnP), Math.Exp(lnP - s));
        if (s > 30)
            lnP = -q;
        var qγ = γ == 0 ? 1 : Math.Pow(q, γ);
        return (-qγ * lnP, qγ * (γ * p * lnP - q), p * qγ * (q * (1 + 2 * γ) + γ * (1 - (1 + γ) * p) * lnP));
    }

    /// <summary>(A + μ diag A)⁻¹ b by Cholesky, in units of the diagonal.</summary>
    public static double[] Solve(double[][] a, double[] b, double μ)
    {
        var n = b.Length;
        double[] unit = [.. a.Select((row, j) => row[j] > 0 ? 1 / Math.Sqrt(row[j]) : 0)];
        var l = new double[n, n];
        for (var j = 0; j < n; j++)
        {
            for (var k = 0; k <= j; k++)
            {
                var sum = a[j][k] * unit[j] * unit[k] + (j == k ? μ + 1e-15 + (unit[j] == 0 ? 1 : 0) : 0);
                for (var m = 0; m < k; m++)
                    sum -= l[j, m] * l[k, m];
                l[j, k] = j == k ? Math.Sqrt(Math.Max(sum, 1e-18)) : sum / l[k, k];
            }
        }

        double[] y = [.. b.Select((v, j) => v * unit[j])];
        for (var j = 0; j < n; j++)
        {
            for (var k = 0; k < j; k++)
                y[j] -= l[j, k] * y[k];
            y[j] /= l[j, j];
        }

        for (var j = n - 1; j >= 0; j--)
        {
            for (var k = j + 1; k < n; k++)
                y[j] -= l[k, j] * y[k];
            y[j] /= l[j, j];
        }

        return [.. y.Zip(unit, (v, u) => v * u)];
    }
}
