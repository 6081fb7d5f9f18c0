namespace FocalMlNet.Optimization;

/// <summary>
/// Draws as many rows as there are for each pass, in random order. A row comes up in proportion to the mean of 1 and its relative
/// weight: rare rows with a large weight come often with a small factor instead of seldom with a large one, which
/// would be a blow to the weights each time. With equal weights a pass is every row once.
/// </summary>
internal sealed class RowSampler
{
    private readonly double[] _expected;
    private readonly int[] _drawn;
    private readonly Random _random;

    public RowSampler(ReadOnlySpan<float> weights, int seed)
    {
        double total = 0;
        foreach (var weight in weights)
            total += weight;
        _expected = new double[weights.Length];
        Factors = new float[weights.Length];
        for (var i = 0; i < weights.Length; i++)
        {
            var relative = weights[i] / total * weights.Length;
            _expected[i] = (1 + relative) / 2;
            Factors[i] = (float)(relative / _expected[i]);
        }

        _drawn = new int[weights.Length];
        _random = new Random(seed);
    }

    /// <summary>How often each row is expected in a pass; they sum to the number of rows.</summary>
    public ReadOnlySpan<double> Expected => _expected;

    /// <summary>What a drawn row's gradient is multiplied with to make the mean over the draws an unbiased weighted mean; at most 2.</summary>
    public float[] Factors { get; }

    /// <summary>The rows of the next pass. The span is overwritten by the next call.</summary>
    public ReadOnlySpan<int> NextPass()
    {
        // Systematic sampling: a row that is expected x times comes floor(x) or ceil(x) times.
        var offset = _random.NextDouble();
        double reached = 0;
        var drawn = 0;
        for (var i = 0; i < _expected.Length; i++)
        {
            reached += _expected[i];
            while (drawn < _drawn.Length && drawn + offset < reached)
                _drawn[drawn++] = i;
        }

        // Rounding in the running sum may leave the last draw open.
        while (drawn < _drawn.Length)
            _drawn[drawn++] = _drawn.Length - 1;
        _random.Shuffle(_drawn);
        return _drawn;
    }
}
