namespace Microsoft.ML.Trainers;

/// <summary>
/// L-BFGS with a backtracking line search; with an L1 penalty its orthant-wise variant OWL-QN (Andrew and Gao,
/// "Scalable training of L1-regularized log-linear models", 2007). Ends when the mean improvement, in which each
/// iteration weighs four times as much as the one before, is below the tolerance.
/// </summary>
/// <param name="objective">Gives the value of the smooth part and writes its gradient.</param>
/// <param name="l1">The penalty l1 Σ|x[i]| for i from <paramref name="free"/> on.</param>
internal sealed class LbfgsMinimizer(Func<double[], double[], double> objective, double l1, int free, int historySize, double tolerance, int maxIterations)
{
    private const double Armijo = 1e-4;

    private readonly List<(double[] S, double[] Y, double SY)> _history = [];
    private double[] _x, _gradient, _descent, _next, _nextGradient;
    private double _value, _nextValue;

    public double[] Minimize(double[] start)
    {
        _x = start;
        _gradient = new double[start.Length];
        _next = new double[start.Length];
        _nextGradient = new double[start.Length];
        _value = Evaluate(_x, _gradient);
        if (!double.IsFinite(_value))
            throw new InvalidOperationException($"The loss at the start is {_value}.");
        var mean = 0.0;
        for (var iteration = 1; ; iteration++)
        {
            if (!Search())
            {
                // The curvature may be that of rounding errors: once more along the gradient, then it is the end.
                _history.Clear();
                if (!Search())
                    return _x;
            }

            mean = _value - _nextValue + mean / 4;
            var end = mean * .75 / (1 - Math.Pow(.25, iteration)) < tolerance || iteration >= maxIterations;
            Accept();
            if (end)
                return _x;
        }
    }

    private static double Dot(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }

    /// <summary>a + factor b</summary>
    private static double[] Add(double[] a, double factor, double[] b)
    {
        var sum = new double[a.Length];
        for (var i = 0; i < a.Length; i++)
            sum[i] = a[i] + factor * b[i];
        return sum;
    }

    private double Evaluate(double[] x, double[] gradient) => objective(x, gradient) + (l1 == 0 ? 0 : l1 * x.Skip(free).Sum(Math.Abs));

    /// <summary>Finds a next point along a new direction; false if there is no better one.</summary>
    private bool Search()
    {
        _descent = Array.ConvertAll(_gradient, g => -g);
        for (var i = free; l1 > 0 && i < _x.Length; i++)
            _descent[i] = _x[i] != 0 ? _descent[i] - l1 * Math.Sign(_x[i]) : Math.Sign(_descent[i]) * Math.Max(0, Math.Abs(_descent[i]) - l1);
        var direction = Newton(_descent);
        for (var i = 0; i < direction.Length; i++)
            direction[i] = _descent[i] == 0 ? 0 : direction[i];
        if (!(Dot(direction, _descent) > 0))
            return false;
        var step = _history.Count == 0 ? 1 / Math.Sqrt(Dot(direction, direction)) : 1;
        var gain = Move(direction, step);
        if (gain < 0)
        {
            for (var i = free; i < direction.Length; i++)
                direction[i] = direction[i] * _descent[i] < 0 ? 0 : direction[i];
            gain = Move(direction, step);
        }

        for (var attempt = 0; attempt < 8; attempt++)
        {
            _nextValue = Evaluate(_next, _nextGradient);
            if (_nextValue <= _value - Armijo * gain)
                return true;
            step /= 4;
            gain = Move(direction, step);
        }

        return false;
    }

    /// <summary>The inverse of the remembered curvature times the direction (the two loops).</summary>
    private double[] Newton(double[] descent)
    {
        var direction = (double[])descent.Clone();
        var alphas = new double[_history.Count];
        for (var i = _history.Count - 1; i >= 0; i--)
        {
            alphas[i] = Dot(_history[i].S, direction) / _history[i].SY;
            direction = Add(direction, -alphas[i], _history[i].Y);
        }

        if (_history.Count > 0)
        {
            var scale = _history[^1].SY / Dot(_history[^1].Y, _history[^1].Y);
            direction = Array.ConvertAll(direction, d => d * scale);
        }

        for (var i = 0; i < _history.Count; i++)
            direction = Add(direction, alphas[i] - Dot(_history[i].Y, direction) / _history[i].SY, _history[i].S);
        return direction;
    }

    /// <summary>The point one step on, where no penalized coordinate changes its sign; gives the slope times the way.</summary>
    private double Move(double[] direction, double step)
    {
        _next = Add(_x, step, direction);
        for (var i = free; l1 > 0 && i < _x.Length; i++)
            _next[i] = _x[i] * _next[i] < 0 ? 0 : _next[i];
        return Dot(_descent, Add(_next, -1, _x));
    }

    /// <summary>Makes the next point the present one and remembers the curvature between them.</summary>
    private void Accept()
    {
        var (s, y) = (Add(_next, -1, _x), Add(_nextGradient, -1, _gradient));
        if (Dot(s, y) > 0)
        {
            _history.Add((s, y, Dot(s, y)));
            if (_history.Count > historySize)
                _history.RemoveAt(0);
        }

        _x = _next;
        (_gradient, _nextGradient) = (_nextGradient, _gradient);
        _value = _nextValue;
    }
}
