using FocalMlNet.Calibration;
using FocalMlNet.Matrix;
using FocalMlNet.Optimization;
using FocalMlNet.StockModels;
using Microsoft.ML;
using Microsoft.ML.Trainers;
using static Microsoft.ML.BinaryClassificationCatalog;

namespace FocalMlNet.Training;

/// <summary>Two classes: one score for each row. As in a label column, false, the negative class, comes first.</summary>
/// <param name="trainers">The catalog of the trainer.</param>
/// <param name="options">Its options.</param>
/// <param name="given">The model to begin with, or null.</param>
internal sealed class BinaryFormulation(
    BinaryClassificationTrainers trainers, FocalSgdBinaryTrainer.Options options, LinearModelParameters? given) : IFormulation
{
    public HeldOutJudge Judge => HeldOutJudge.Binary;

    public int OutputCount(int classCount) => 1;

    public IClassObjective Objective(double gamma, double[] classWeights)
        => new FocalObjective(new FocalLoss(gamma, options.Alpha), positiveWeight: classWeights[1], negativeWeight: classWeights[0]);

    public double[] ConstantScores(FocalProblem problem, ClassTotals totals)
        => [((FocalObjective)problem.Objective).BestConstantScore(totals.Weights[1], totals.Weights[0])];

    /// <summary>
    /// The best constant, or the given model: if scores are to be calibrated, those of the given one are taken for log-odds.
    /// </summary>
    public LinearModel Start(FocalProblem first, FocalProblem last, TrainingData data, ParallelOptions parallel)
    {
        if (given is null)
            return first.Constant(data.Totals, data.ColumnCount);
        var model = new LinearModel([[.. given.Weights]], [given.Bias]);
        return options.Calibration == CalibrationMethod.None ? model : ScoreCalibration.Undo(model, Curve(last), data, parallel);
    }

    public LinearModel ByCurve(FocalProblem problem, LinearModel model, TrainingData data, ParallelOptions parallel)
        => ScoreCalibration.Focal(model, [Curve(problem)], data, parallel);

    /// <summary>The model that a multiclass trainer gets where all rows are on one side: a constant.</summary>
    public LinearModel? OfOneClass(IDataView input, TrainingData data)
    {
        if (!(data.Totals.Weight > 0))
            return null;
        var isPositive = data.Totals.Weights[1] > 0;
        var isOtherHeldOut = data.HeldOut.Any(block => block.Labels.Contains(isPositive ? 0 : 1));
        if ((isOtherHeldOut ? null : OneSidedLabel.Reason(input, options.LabelColumnName, isPositive)) is not { } reason)
            return null;
        options.Log?.Invoke(reason);
        return LinearModel.Constant(
            data.ColumnCount, (float)(isPositive ? -Training.ConstantScores.OfEmptyClass : Training.ConstantScores.OfEmptyClass));
    }

    public void Warn(long rowsSkipped) => SkippedRowsWarning.Warn(trainers, rowsSkipped);

    public ITransformer ToStockModel(LinearModel model, DataViewSchema.Column label, DataViewSchema.Column features)
        => StockModel.Create(trainers, label.Name, features, model.Coefficients[0], model.Offsets[0]);

    private static FocalPosterior Curve(FocalProblem problem) => ((FocalObjective)problem.Objective).Posterior;
}
