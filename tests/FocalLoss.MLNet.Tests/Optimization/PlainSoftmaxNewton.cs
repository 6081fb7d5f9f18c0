namespace FocalMlNet.Tests.Optimization;

/// <summary>
/// <see cref="PlainNewton"/> for the softmax focal loss: weights and a bias for each class, one vector after the other, for features that
/// are in fit units.
/// </summary>
internal sealed class PlainSoftmaxNewton(MulticlassRow[] rows, int classes, double γ, double λ)
{
    private readonly int _stride = rows[0].Features.Length + 1;

    /// <summary>The regularised mean loss.</summary>
    public double Objective(double[] point) => At(point, out _, out _);

    /// <summary>A minimum, from a point on.</summary>
    public double[] Minimize(double[] point)
    {
        var value = At(point, out var gradient, out var curvature);
        var μ = 1e-3;
        for (var iteration = 0; iteration < 300 && μ < 1e12; iteration++)
        {
            var step = PlainNewton.Solve(curvature, gradient, μ);
            if (step.Zip(gradient, (s, g) => s * g).Sum() < 1e-10 * value && μ <= 1e-5)
                break;
            double[] trial = [.. point.Zip(step, (p, s) => p - s)];
            var next = At(trial, out var nextGradient, out var nextCurvature);
            if (next <= value)
            {
                (point, value, gradient, curvature) = (trial, next, nextGradient, nextCurvature);
                // The matrix is singular: what is added to all classes alike changes nothing but the penalty.
                μ = Math.Max(μ / 10, 1e-10);
            }
            else
            {
                μ *= 10;
            }
        }

        return point;
    }

    private double At(double[] point, out double[] gradient, out double[][] curvature)
    {
        gradient = new double[point.Length];
        curvature = [.. point.Select(_ => new double[point.Length])];
        double value = 0;
        var along = new double[classes];
        foreach (var row in rows)
        {
            double[] x = [.. row.Features.Select(v => (double)v), 1];
            double[] z = [.. Enumerable.Range(0, classes).Select(k => x.Select((v, j) => v * point[k * _stride + j]).Sum())];
            var y = (int)row.Label;
            // With s = z_y - ln Σ e^z over the others the loss is that of two classes, and ∂s/∂z is 1 for y, minus the others' shares r.
            var top = z.Where((_, k) => k != y).Max();
            var sum = z.Where((_, k) => k != y).Sum(v => Math.Exp(v - top));
            var (loss, slope, bend) = PlainNewton.Loss(z[y] - top - Math.Log(sum), γ);
            double[] r = [.. z.Select((v, k) => k == y ? 0 : Math.Exp(v - top) / sum)];
            for (var k = 0; k < classes; k++)
                along[k] = k == y ? 1 : -r[k];
            value += loss / rows.Length;
            for (var a = 0; a < point.Length; a++)
            {
                var (k, j) = (a / _stride, a % _stride);
                gradient[a] += slope * along[k] * x[j] / rows.Length;
                for (var b = 0; b <= a; b++)
                {
                    var (l, i) = (b / _stride, b % _stride);
                    // Where the loss is not convex its curvature is left out.
                    var joint = Math.Max(0, bend) * along[k] * along[l] - slope * ((k == l ? r[k] : 0) - r[k] * r[l]);
                    curvature[a][b] += joint * x[j] * x[i] / rows.Length;
                }
            }
        }

        for (var a = 0; a < point.Length; a++)
        {
            if (a % _stride == _stride - 1)
                continue;
            value += λ / 2 * point[a] * point[a];
            gradient[a] += λ * point[a];
            curvature[a][a] += λ;
        }

        return value;
    }
}
