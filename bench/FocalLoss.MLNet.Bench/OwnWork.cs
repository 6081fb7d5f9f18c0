using Microsoft.ML;

namespace FocalMlNet.Bench;

/// <summary>
/// What this library does without the stock trainers beside it, on the data of the other benchmarks: for <c>compare</c>, which runs the
/// same of two versions.
/// </summary>
internal static class OwnWork
{
    /// <summary>By name: makes the data, and gives what is run.</summary>
    public static Dictionary<string, Func<Action>> All() => new(StringComparer.Ordinal)
    {
        ["losses: binary, 16,384 scores"] = () => Losses(16_384),
        ["losses: binary, 4,000,000 scores"] = () => Losses(4_000_000),
        ["losses: softmax, 20,000 x 7"] = () => SoftmaxLosses(20_000, 7),
        ["fit: 1,000 x 10"] = () => Fit(new(1000, 10, .05)),
        ["fit: 20,000 x 30, 2 %"] = () => Fit(new(20_000, 30, .02)),
        ["fit: 800,000 x 30, 1 %"] = () => Fit(new(800_000, 30, .01)),
        ["fit: the same, penalty given"] = () => Fit(new(800_000, 30, .01), LinearFit.GivenL2),
        ["fit: the same, not calibrated"] = () => Fit(new(800_000, 30, .01), LinearFit.GivenL2, CalibrationMethod.None),
        ["fit: 285,000 x 30, .17 %"] = () => Fit(new(285_000, 30, .0017)),
        ["fit: 100,000 x 50,000 sparse"] = () => Fit(new(100_000, 50_000, .01, 80.0 / 50_000)),
        ["fit: 100,000 x 300, penalty given"] = () => Fit(new(100_000, 300, .03), LinearFit.GivenL2),
        ["fit: 100,000 x 300, correlated, penalty given"] = () => Correlated(new(100_000, 300, .03, .5)),
        ["fit: 40,000 x 1,000, correlated, penalty given"] = () => Correlated(new(40_000, 1000, .03, .5)),
        ["fit: 100,000 x 2,000 sparse, penalty given"] = () => Fit(new(100_000, 2000, .01, .01), LinearFit.GivenL2),
        ["fit: kernel features, penalty given"] = Kernel,
        ["fit: given learning rate, 200,000 x 30"] = () => GivenRate(new(200_000, 30, .01)),
        ["fit: streamed, 200,000 x 30"] = () => Streamed(new(200_000, 30, .01)),
        ["fit: Shuttle, softmax"] = () => Shuttle(MulticlassFormulation.Softmax),
        ["fit: Shuttle, one-versus-all"] = () => Shuttle(MulticlassFormulation.OneVersusAll),
        ["fit: 100 classes, softmax"] = () => ManyClasses(MulticlassFormulation.Softmax, 20_000, 100),
        ["fit: 100 classes, softmax, penalty given"] = () => ManyClasses(MulticlassFormulation.Softmax, 20_000, 100, LinearFit.GivenL2),
        ["fit: 30 classes, one-versus-all"] = () => ManyClasses(MulticlassFormulation.OneVersusAll, 5000, 30),
        ["reweighted: L-BFGS, 20,000 x 30"] = () => Reweighted(new(20_000, 30, .02)),
        ["balanced weight column, 200,000 rows"] = () => Balanced(new(200_000, 30, .01)),
        ["evaluation: 200,000 rows, 50 resamples"] = () => Evaluated(new(200_000, 30, .01)),
        ["evaluation: threshold, 200,000 rows"] = () => Threshold(new(200_000, 30, .01)),
        ["evaluation: 7 classes, 58,000 rows, 20 resamples"] = EvaluatedClasses,
        ["splits: stratified folds of 200,000 rows"] = () => Split(new(200_000, 30, .01)),
    };

    private static Action Losses(int rows)
    {
        var random = new Random(1);
        var loss = new FocalLoss(2, .75);
        var (scores, labels, slopes) = (new float[rows], new float[rows], new float[rows]);
        for (var i = 0; i < rows; i++)
        {
            labels[i] = random.NextDouble() < .01 ? 1 : 0;
            scores[i] = (float)(6 * random.NextDouble() - 4 + 2 * labels[i]);
        }

        return () => loss.Derivatives(scores, labels, slopes);
    }

    private static Action SoftmaxLosses(int rows, int classes)
    {
        var random = new Random(1);
        var loss = new SoftmaxFocalLoss(2);
        var labels = new int[rows];
        var (scores, gradients) = (new float[rows * classes], new float[rows * classes]);
        for (var i = 0; i < rows; i++)
            labels[i] = random.Next(classes);
        for (var i = 0; i < scores.Length; i++)
            scores[i] = (float)(6 * random.NextDouble() - 3);
        return () => loss.Gradients(scores, labels, gradients);
    }

    private static Action Fit(SkewedData data, double? l2 = null, CalibrationMethod calibration = CalibrationMethod.Focal)
    {
        var mlContext = new MLContext(seed: 1);
        var view = data.Cached(mlContext);
        return Fit(mlContext, view, new() { L2Regularization = l2, Calibration = calibration });
    }

    private static Action Fit(MLContext mlContext, IDataView view, FocalSgdBinaryTrainer.Options options)
        => () => mlContext.BinaryClassification.Trainers.FocalSgd(options).Fit(view);

    private static Action Kernel()
    {
        var mlContext = new MLContext(seed: 1);
        return Fit(mlContext, KernelBenchmark.Views(mlContext).Train, new() { L2Regularization = LinearFit.GivenL2 });
    }

    private static Action GivenRate(SkewedData data)
    {
        var mlContext = new MLContext(seed: 1);
        return Fit(mlContext, data.Cached(mlContext), new() { LearningRate = .1, NumberOfIterations = 5, L2Regularization = 1e-6 });
    }

    private static Action Streamed(SkewedData data)
    {
        var mlContext = new MLContext(seed: 1);
        return Fit(mlContext, data.Cached(mlContext), new() { MemoryBudget = 1, L2Regularization = LinearFit.GivenL2 });
    }

    private static Action Shuttle(MulticlassFormulation formulation)
    {
        var mlContext = new MLContext(seed: 1);
        var rows = MulticlassData.Shuttle();
        var (train, _) = MulticlassData.Standardised(mlContext, rows, rows[..1], FocalMlNet.Data.DataFile.ShuttleClasses.Length);
        return () => mlContext.MulticlassClassification.Trainers.FocalSgd(formulation: formulation).Fit(train);
    }

    private static Action Correlated(CorrelatedData data)
    {
        var mlContext = new MLContext(seed: 1);
        return Fit(mlContext, data.Cached(mlContext), new() { L2Regularization = LinearFit.GivenL2 });
    }

    private static Action ManyClasses(MulticlassFormulation formulation, int rowCount, int classCount, double? l2 = null)
    {
        var mlContext = new MLContext(seed: 1);
        var rows = MulticlassData.Gaussian(rowCount, 30, classCount);
        var (train, _) = MulticlassData.Standardised(mlContext, rows, rows[..1], classCount);
        var options = new FocalSgdMulticlassTrainer.Options { Formulation = formulation, L2Regularization = l2 };
        return () => mlContext.MulticlassClassification.Trainers.FocalSgd(options).Fit(train);
    }

    private static Action Reweighted(SkewedData data)
    {
        var mlContext = new MLContext(seed: 1);
        var view = data.Cached(mlContext);
        var trainers = mlContext.BinaryClassification.Trainers;
        return () => trainers
            .FocalReweighted(w => trainers.LbfgsLogisticRegression(exampleWeightColumnName: w), rounds: 3).Fit(view);
    }

    private static Action Balanced(SkewedData data)
    {
        var mlContext = new MLContext(seed: 1);
        var view = data.Cached(mlContext);
        return () =>
        {
            var balanced = mlContext.Transforms.BalanceClasses("Weight").Fit(view).Transform(view);
            using var cursor = balanced.GetRowCursor([balanced.Schema["Weight"]]);
            while (cursor.MoveNext())
            {
            }
        };
    }

    private static (MLContext Context, IDataView Scored) Scored(SkewedData data)
    {
        var mlContext = new MLContext(seed: 1);
        var view = data.Cached(mlContext);
        var model = mlContext.BinaryClassification.Trainers.FocalSgd(l2Regularization: LinearFit.GivenL2).Fit(view);
        return (mlContext, mlContext.Data.Cache(model.Transform(view), "Label", "Score", "Probability", "PredictedLabel"));
    }

    private static Action Evaluated(SkewedData data)
    {
        var (mlContext, scored) = Scored(data);
        return () => mlContext.BinaryClassification.EvaluateImbalanced(scored, options: new() { BootstrapResamples = 50 });
    }

    private static Action Threshold(SkewedData data)
    {
        var (mlContext, scored) = Scored(data);
        return () => mlContext.BinaryClassification.ChooseThreshold(scored, ThresholdPolicy.MaximizeF());
    }

    private static Action EvaluatedClasses()
    {
        var mlContext = new MLContext(seed: 1);
        var rows = MulticlassData.Shuttle();
        var (train, _) = MulticlassData.Standardised(mlContext, rows, rows[..1], FocalMlNet.Data.DataFile.ShuttleClasses.Length);
        var scored = mlContext.Data.Cache(
            mlContext.MulticlassClassification.Trainers.FocalSgd().Fit(train).Transform(train), "Label", "Score", "PredictedLabel");
        return () => mlContext.MulticlassClassification.EvaluateImbalanced(scored, options: new() { BootstrapResamples = 20 });
    }

    private static Action Split(SkewedData data)
    {
        var mlContext = new MLContext(seed: 1);
        var view = data.Cached(mlContext);
        return () => mlContext.Data.StratifiedCrossValidationSplit(view);
    }
}
