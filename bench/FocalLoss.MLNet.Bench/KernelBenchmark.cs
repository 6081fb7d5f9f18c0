
using Microsoft.ML;
using Microsoft.ML.Transforms;

namespace FocalMlNet.Bench;

/// <summary>Kernel features on real data: Shuttle, class Fpv.Open, 0.29 % positives, a stratified fifth held out.</summary>
internal static class KernelBenchmark
{
    public static void Run()
    {
        var mlContext = new MLContext(seed: 1);
        var (trainView, testView) = Views(mlContext);
        var results = new Results("Kernel features: Shuttle, 46,400 × 200 dense, 0.29 % positives, cached view");
        var (_, models) = FitBenchmark.Compete(
            results, mlContext, trainView, testView,
            [LinearFit.Ours, LinearFit.StockFocal, LinearFit.Given, LinearFit.StockLbfgs, LinearFit.StockSgd], rounds: 3);
        var exact = mlContext.BinaryClassification.Trainers
            .FocalSgd(new FocalSgdBinaryTrainer.Options
            {
                NumberOfIterations = 2000,
                ConvergenceTolerance = 1e-9,
                L2Regularization = LinearFit.GivenL2
            }).Fit(trainView).Model.SubModel;
        var (ours, best) = (LinearFit.AveragePrecisionOf(models[LinearFit.Given], testView), LinearFit.AveragePrecisionOf(exact, testView));
        results.Add($"AUPRC of the exact optimum with the penalty 1e-7 (tolerance 1e-9): {FitBenchmark.Number(best, 4)}.");
        results.Add("");
        results.AddBar("AUPRC within .01 of the exact optimum's", Math.Abs(ours - best), .01);
        results.Save("kernel");
    }

    /// <summary>Kernel features of the training rows and of the test rows, cached.</summary>
    public static (IDataView Train, IDataView Test) Views(MLContext mlContext)
    {
        var (train, test) = Split();
        var (steps, shape) = Steps(mlContext, train.Count);
        var fitted = steps.Fit(shape.View(mlContext, train));
        return (SkewedData.Fill(mlContext, fitted.Transform(shape.View(mlContext, train))),
            SkewedData.Fill(mlContext, fitted.Transform(shape.View(mlContext, test))));
    }

    /// <summary>Kernel features of all rows, cached.</summary>
    public static IDataView AllRows(MLContext mlContext)
    {
        var rows = RealData.Shuttle();
        var (steps, shape) = Steps(mlContext, rows.Length);
        var view = shape.View(mlContext, rows);
        return SkewedData.Fill(mlContext, steps.Fit(view).Transform(view));
    }

    private static (IEstimator<ITransformer> Steps, SkewedData Shape) Steps(MLContext mlContext, int rowCount)
        => (mlContext.Transforms.NormalizeMeanVariance("Features", fixZero: false)
            .Append(mlContext.Transforms.ApproximatedKernelMap("Features", rank: 200, generator: new GaussianKernel(.5f))),
            new SkewedData(rowCount, 9, .003));

    private static (List<DenseExample> Train, List<DenseExample> Test) Split()
    {
        var rows = RealData.Shuttle();
        new Random(1).Shuffle(rows);
        List<DenseExample> train = [], test = [];
        foreach (var ofClass in rows.GroupBy(row => row.Label).Select(group => group.ToArray()))
        {
            test.AddRange(ofClass[..(ofClass.Length / 5)]);
            train.AddRange(ofClass[(ofClass.Length / 5)..]);
        }

        return (train, test);
    }
}
