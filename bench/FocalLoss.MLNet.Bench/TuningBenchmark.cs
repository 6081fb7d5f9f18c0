using System.Diagnostics;
using Microsoft.ML;

namespace FocalMlNet.Bench;

/// <summary>What TuneImbalanced costs.</summary>
internal static class TuningBenchmark
{
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
