using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests;

/// <summary>Without a seed all is as with seed 0, whatever the seed of the context, which cannot be seen.</summary>
public sealed class SeedTests
{
    [Fact]
    public void No_seed_is_seed_0()
    {
        static IEnumerable<string> With(int? seed, int ofContext)
        {
            var mlContext = new MLContext(ofContext);
            var view = Rows.View(mlContext, Rows.Gaussian(400));
            var data = mlContext.Data;
            yield return Text(data.StratifiedTrainTestSplit(view, seed: seed).TestSet);
            yield return Text(data.StratifiedCrossValidationSplit(view, seed: seed)[1].TestSet);
            yield return Text(data.Undersample(view, seed: seed));
            yield return Text(data.Oversample(view, ratio: .7, seed: seed));
            var trainer = mlContext.BinaryClassification.Trainers.FocalSgd(
                new FocalSgdBinaryTrainer.Options { Seed = seed, LearningRate = 1, L2Regularization = .01, NumberOfIterations = 3 });
            var model = trainer.Fit(view);
            yield return string.Join(' ', model.Model.SubModel.Weights);
            var metrics = mlContext.BinaryClassification.EvaluateImbalanced(
                model.Transform(view), options: new() { BootstrapResamples = 20, Seed = seed });
            yield return $"{metrics.Interval(BinaryMetric.AveragePrecision)}";
            var folds = mlContext.BinaryClassification.CrossValidateImbalanced(view, trainer, 3, seed: seed);
            yield return $"{folds.Mean(BinaryMetric.LogLoss)}";
        }

        string[] without = [.. With(null, 7)], zero = [.. With(0, 8)], one = [.. With(1, 7)];
        Assert.Equal(zero, without);
        Assert.All(one.Zip(without), pair => Assert.NotEqual(pair.First, pair.Second));
    }

    private static string Text(IDataView view) => string.Join(' ', view.GetColumn<float[]>("Features").Select(x => x[0]));
}
