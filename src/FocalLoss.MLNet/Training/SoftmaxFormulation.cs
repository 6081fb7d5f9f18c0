using System.Numerics.Tensors;
using FocalMlNet.Calibration;
using FocalMlNet.Matrix;
using FocalMlNet.Optimization;
using FocalMlNet.StockModels;
using Microsoft.ML;
using static Microsoft.ML.MulticlassClassificationCatalog;

namespace FocalMlNet.Training;

/// <summary>Several classes that compete for one probability: a score for each, whose softmax it is.</summary>
/// <param name="trainers">The catalog of the trainer.</param>
internal sealed class SoftmaxFormulation(MulticlassClassificationTrainers trainers) : IFormulation
{
    public HeldOutJudge Judge => HeldOutJudge.Softmax;

    public IClassObjective Objective(double gamma, double[] classWeights) => new SoftmaxFocalObjective(gamma, classWeights);

    public double[] ConstantScores(FocalProblem problem, ClassTotals totals)
        => Training.ConstantScores.Softmax(totals.Weighted(problem.ClassWeights), problem.Gamma);

    public LinearModel ByCurve(FocalProblem problem, LinearModel model, TrainingData data, ParallelOptions parallel)
        => SoftmaxCalibration.Focal(model, problem.Gamma, problem.ClassWeights, data, parallel);

    public LinearModel ByHeldOut(LinearModel model, TrainingData data, ParallelOptions parallel)
        => SoftmaxCalibration.Platt(model, data.HeldOut, data.Totals, parallel);

    /// <summary>
    /// Without the mean over the classes. No softmax notices, and the penalty is at its least; scores are small, where floats have most
    /// digits. The largest score of the others is at least their mean, below which an empty class stays wherever a row is.
    /// </summary>
    public LinearModel Normalized(LinearModel model, IReadOnlyList<int> empty)
    {
        int[] others = [.. Enumerable.Range(0, model.OutputCount).Except(empty)];
        var centred = Centred(model.Some(others));
        if (empty.Count == 0)
            return centred;
        float[] lowest = [.. model.Offsets.Select(_ => (float)Training.ConstantScores.OfEmptyClass)];
        return Centred(LinearModel.Constant(model.Coefficients[0].Length, lowest).With(others, centred));
    }

    private static LinearModel Centred(LinearModel model)
    {
        var mean = new double[model.Coefficients[0].Length];
        foreach (var weights in model.Coefficients)
        {
            for (var j = 0; j < mean.Length; j++)
                mean[j] += weights[j];
        }

        TensorPrimitives.Divide<double>(mean, model.OutputCount, mean);
        var meanBias = model.Offsets.Average(bias => (double)bias);
        return new(
            [.. model.Coefficients.Select(weights => weights.Select((weight, j) => (float)(weight - mean[j])).ToArray())],
            [.. model.Offsets.Select(bias => (float)(bias - meanBias))]);
    }

    public void Warn(long rowsSkipped) => SkippedRowsWarning.Warn(trainers, rowsSkipped);

    public ITransformer ToStockModel(LinearModel model, DataViewSchema.Column label, DataViewSchema.Column features)
        => StockSoftmax.Create(trainers, label, features, model.Coefficients, model.Offsets);
}
