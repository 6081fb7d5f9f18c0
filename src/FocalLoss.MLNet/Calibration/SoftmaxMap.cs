namespace FocalMlNet.Calibration;

/// <summary>Rows of scores, one for each class, with their weights.</summary>
/// <param name="Scores">Scores[i K + k] is that of class k in row i.</param>
/// <param name="Weights">The weight of each row.</param>
internal readonly record struct ScoreRows(double[] Scores, double[] Weights)
{
    public int ClassCount => Scores.Length / Weights.Length;
}

/// <summary>
/// The map slope · score_k + intercept_k from scores to numbers whose softmax are probabilities: a temperature and a shift of each class, which can be folded into
/// the coefficients and offsets of a linear model.
/// </summary>
internal sealed record SoftmaxMap(double Slope, double[] Intercepts)
{
    private const int MostSteps = 30;
    private const int MostInnerSteps = 50;

    /// <summary>A step is good enough if it lessens the loss by this share of what its slope promises (Armijo).</summary>
    private const double Sufficient = 1e-4;

    /// <summary>
    /// The best map for scores of the softmax focal loss: of all it loses least log-loss against the exact probabilities of these rows; its intercepts are then chosen such that the
    /// mean probability of each class is its prevalence.
    /// </summary>
    /// <param name="curve">The exact probabilities.</param>
    /// <param name="rows">Scores of training rows.</param>
    /// <param name="prevalences">The share of each class in the weight, at least 0; the intercept of a class without rows is that of the best map.</param>
    public static SoftmaxMap ForFocal(SoftmaxFocalPosterior curve, ScoreRows rows, double[] prevalences)
    {
        var classes = rows.ClassCount;
        var targets = new double[rows.Scores.Length];
        for (var first = 0; first < targets.Length; first += classes)
            curve.Probabilities(rows.Scores.AsSpan(first, classes), targets.AsSpan(first, classes));

        var best = new SoftmaxMap(1 + curve.Gamma, curve.LogWeightShifts(classes)).Minimize(rows, Means(rows, targets), SlopeTarget(rows, targets), isSlopeFree: true);
        var total = prevalences.Sum();
        var wanted = prevalences.Select(p => p / total).ToArray();
        return best.Minimize(rows, wanted, 0, isSlopeFree: false);
    }

    /// <summary>Platt scaling for several classes: the map that loses least log-loss on rows with known classes.</summary>
    /// <param name="rows">Scores of rows that the model was not trained on.</param>
    /// <param name="labels">The class of each row.</param>
    public static SoftmaxMap ForLabels(ScoreRows rows, int[] labels)
    {
        var classes = rows.ClassCount;
        var counts = new double[classes];
        for (var i = 0; i < labels.Length; i++)
            counts[labels[i]] += rows.Weights[i];
        // As Platt's targets for two classes: one example more of each kind keeps the map finite.
        var targets = new double[rows.Scores.Length];
        for (var i = 0; i < labels.Length; i++)
        {
            var own = (counts[labels[i]] + 1) / (counts[labels[i]] + 2);
            for (var k = 0; k < classes; k++)
                targets[i * classes + k] = k == labels[i] ? own : (1 - own) / (classes - 1);
        }

        return new SoftmaxMap(1, new double[classes]).Minimize(rows, Means(rows, targets), SlopeTarget(rows, targets), isSlopeFree: true);
    }

    /// <summary>
    /// Minimises the convex Σ_i w_i [ln Σ_k e^(κ z_ik + β_k)] - κ S - Σ_k β_k T_k over κ and β, where S and T are the sums that the targets' scores and probabilities have: by
    /// Newton steps, each found by conjugate gradients, so that no matrix of the classes is needed.
    /// </summary>
    private SoftmaxMap Minimize(ScoreRows rows, double[] targetMeans, double targetSlope, bool isSlopeFree)
    {
        var problem = new Problem(rows, targetMeans, targetSlope, isSlopeFree);
        double[] point = [.. Intercepts, Slope];
        var (gradient, step, trial) = (new double[point.Length], new double[point.Length], new double[point.Length]);
        var value = problem.Evaluate(point, gradient);
        for (var iteration = 0; iteration < MostSteps; iteration++)
        {
            var promised = problem.NewtonStep(gradient, step);
            if (!(promised > 1e-13))
                break;
            var share = 1.0;
            double reached;
            do
            {
                for (var j = 0; j < point.Length; j++)
                    trial[j] = point[j] + share * step[j];
                reached = problem.Value(trial);
                share /= 2;
            }
            while (!(reached <= value - Sufficient * 2 * share * promised) && share > 1e-9);
            if (!(reached < value))
                break;
            trial.CopyTo(point, 0);
            value = problem.Evaluate(point, gradient);
        }

        return new SoftmaxMap(point[^1], point[..^1]);
    }

    private static double[] Means(ScoreRows rows, double[] targets)
    {
        var total = rows.Weights.Sum();
        var means = new double[rows.ClassCount];
        for (var at = 0; at < targets.Length; at++)
            means[at % means.Length] += rows.Weights[at / means.Length] / total * targets[at];
        return means;
    }

    private static double SlopeTarget(ScoreRows rows, double[] targets)
    {
        var total = rows.Weights.Sum();
        double sum = 0;
        for (var at = 0; at < targets.Length; at++)
            sum += rows.Weights[at / rows.ClassCount] / total * targets[at] * rows.Scores[at];
        return sum;
    }

    /// <summary>The convex function, its gradient, and products with its second derivative; the slope is the last coordinate.</summary>
    private sealed class Problem(ScoreRows rows, double[] targetMeans, double targetSlope, bool isSlopeFree)
    {
        private readonly int _classes = rows.ClassCount;
        private readonly double _total = rows.Weights.Sum();
        private readonly double[] _probabilities = new double[rows.Scores.Length];

        public double Value(double[] point)
        {
            var row = new double[_classes];
            double sum = 0;
            for (var i = 0; i < rows.Weights.Length; i++)
                sum += rows.Weights[i] * Softmax(i, point, row);
            return Less(sum / _total, point);
        }

        public double Evaluate(double[] point, double[] gradient)
        {
            Array.Clear(gradient);
            double sum = 0;
            for (var i = 0; i < rows.Weights.Length; i++)
            {
                var own = _probabilities.AsSpan(i * _classes, _classes);
                sum += rows.Weights[i] * Softmax(i, point, own);
                var weight = rows.Weights[i] / _total;
                for (var k = 0; k < _classes; k++)
                {
                    gradient[k] += weight * own[k];
                    gradient[^1] += weight * own[k] * rows.Scores[i * _classes + k];
                }
            }

            for (var k = 0; k < _classes; k++)
                gradient[k] -= IsFree(k) ? targetMeans[k] : gradient[k];
            gradient[^1] -= isSlopeFree ? targetSlope : gradient[^1];
            return Less(sum / _total, point);
        }

        /// <summary>Solves curvature · step = -gradient at the last point evaluated.</summary>
        /// <returns>-gradient · step: twice the decrease that the step promises.</returns>
        public double NewtonStep(double[] gradient, double[] step)
        {
            var n = gradient.Length;
            var diagonal = Diagonal();
            Array.Clear(step);
            double[] residual = [.. gradient.Select(g => -g)];
            var (direction, product) = (new double[n], new double[n]);
            double first = 0, before = 0;
            for (var inner = 0; inner < MostInnerSteps; inner++)
            {
                double size = 0;
                for (var j = 0; j < n; j++)
                    size += residual[j] * residual[j] / diagonal[j];
                first = inner == 0 ? size : first;
                if (!(size > 1e-12 * first) || !(size > 0))
                    break;
                for (var j = 0; j < n; j++)
                    direction[j] = residual[j] / diagonal[j] + (inner == 0 ? 0 : size / before * direction[j]);
                Curve(direction, product);
                double along = 0;
                for (var j = 0; j < n; j++)
                    along += direction[j] * product[j];
                if (!(along > 0))
                    break;
                for (var j = 0; j < n; j++)
                {
                    step[j] += size / along * direction[j];
                    residual[j] -= size / along * product[j];
                }

                before = size;
            }

            // What is added to all classes alike changes nothing; without it numbers stay small.
            var common = step.AsSpan(0, _classes).ToArray().Average();
            double promised = 0;
            for (var j = 0; j < n; j++)
            {
                step[j] -= j < _classes ? common : 0;
                promised -= gradient[j] * step[j];
            }

            return promised;
        }

        private bool IsFree(int k) => targetMeans[k] > 0;

        private double Less(double value, double[] point)
        {
            for (var k = 0; k < _classes; k++)
                value -= point[k] * targetMeans[k];
            return isSlopeFree ? value - point[^1] * targetSlope : value;
        }

        private double[] Diagonal()
        {
            var diagonal = new double[_classes + 1];
            for (var i = 0; i < rows.Weights.Length; i++)
            {
                double mean = 0, square = 0;
                var weight = rows.Weights[i] / _total;
                for (var k = 0; k < _classes; k++)
                {
                    var (p, z) = (_probabilities[i * _classes + k], rows.Scores[i * _classes + k]);
                    diagonal[k] += weight * p * (1 - p);
                    mean += p * z;
                    square += p * z * z;
                }

                diagonal[^1] += weight * Math.Max(0, square - mean * mean);
            }

            for (var j = 0; j < diagonal.Length; j++)
                diagonal[j] = Math.Max(diagonal[j], 1e-300);
            return diagonal;
        }

        private void Curve(double[] direction, double[] product)
        {
            Array.Clear(product);
            for (var i = 0; i < rows.Weights.Length; i++)
            {
                var own = _probabilities.AsSpan(i * _classes, _classes);
                var scores = rows.Scores.AsSpan(i * _classes, _classes);
                double mean = 0;
                for (var k = 0; k < _classes; k++)
                    mean += own[k] * (direction[k] + direction[^1] * scores[k]);
                var weight = rows.Weights[i] / _total;
                for (var k = 0; k < _classes; k++)
                {
                    var part = weight * own[k] * (direction[k] + direction[^1] * scores[k] - mean);
                    product[k] += part;
                    product[^1] += part * scores[k];
                }
            }

            for (var k = 0; k < _classes; k++)
                product[k] = IsFree(k) ? product[k] : 0;
            product[^1] = isSlopeFree ? product[^1] : 0;
        }

        /// <summary>The softmax of a row's mapped scores.</summary>
        /// <returns>ln Σ e^score.</returns>
        private double Softmax(int i, double[] point, Span<double> probabilities)
        {
            var top = double.NegativeInfinity;
            for (var k = 0; k < _classes; k++)
                top = Math.Max(top, probabilities[k] = point[^1] * rows.Scores[i * _classes + k] + point[k]);
            double sum = 0;
            for (var k = 0; k < _classes; k++)
                sum += probabilities[k] = Math.Exp(probabilities[k] - top);
            for (var k = 0; k < _classes; k++)
                probabilities[k] /= sum;
            return top + Math.Log(sum);
        }
    }
}
