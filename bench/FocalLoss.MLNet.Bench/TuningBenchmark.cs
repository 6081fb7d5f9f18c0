using System.Diagnostics;
using Microsoft.ML;

namespace FocalMlNet.Bench;

/// <summary>What TuneImbalanced costs.</summary>
internal static class TuningBenchmark
{
    /// <summary>How often the rule takes what.</summary>
    public static void Rule()
    {
        foreach (var (count, rate) in new[] { (500, .2), (2000, .05), (2000, .2), (8000, .02) })
        {
            Dictionary<string, int> taken = new(StringComparer.Ordinal);
            var clock = Stopwatch.StartNew();
            for (var seed = 0; seed < 100; seed++)
            {
                var mlContext = new MLContext(seed: 1);
                var view = new SkewedData(0, 8, 0).View(mlContext, Logistic(count, rate, seed));
                var result = mlContext.BinaryClassification.TuneImbalanced(view, new BinaryTuningOptions());
                var name = $"{result.Chosen.Gamma} {result.Chosen.ClassWeighting}";
                taken[name] = taken.GetValueOrDefault(name) + 1;
            }

            Console.WriteLine($"{count} {rate} {clock.Elapsed.TotalSeconds}: "
                + string.Join("; ", taken.OrderByDescending(t => t.Value).Select(t => $"{t.Key}: {t.Value}")));
        }
    }

    private static DenseExample[] Logistic(int count, double rate, int seed)
    {
        var random = new Random(seed);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            float[] x = [.. Enumerable.Range(0, 8).Select(_ => (float)Normal())];
            var z = Math.Log(rate / (1 - rate)) - .5 + x[0] + .5 * x[1] - .5 * x[2];
            return new DenseExample { Label = random.NextDouble() < 1 / (1 + Math.Exp(-z)), Features = x };
        })];
    }

    /// <summary>A first look.</summary>
    public static void Look()
    {
        var mlContext = new MLContext(seed: 1);
        var view = SkewedData.Fill(mlContext, new SkewedData(0, 9, 0).View(mlContext, RealData.Shuttle()));
        for (var i = 0; i < 2; i++)
        {
            var clock = Stopwatch.StartNew();
            var normal = mlContext.Transforms.NormalizeMeanVariance("Features", fixZero: false);
            var result = mlContext.BinaryClassification.TuneImbalanced(view, new BinaryTuningOptions { Log = Console.WriteLine });
            Console.WriteLine(clock.Elapsed.TotalSeconds);
            if (i == 0)
                Console.WriteLine(result);
        }

        var coil = SkewedData.Fill(mlContext, new SkewedData(0, 85, 0).View(mlContext, RealData.Coil2000()));
        for (var i = 0; i < 2; i++)
        {
            var clock = Stopwatch.StartNew();
            var result = mlContext.BinaryClassification.TuneImbalanced(coil, new BinaryTuningOptions { Log = Console.WriteLine });
            Console.WriteLine(clock.Elapsed.TotalSeconds);
            if (i == 0)
                Console.WriteLine(result);
        }
    }
}
