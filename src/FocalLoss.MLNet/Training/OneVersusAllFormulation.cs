using FocalMlNet.Calibration;
using FocalMlNet.Matrix;
using FocalMlNet.Optimization;
using FocalMlNet.StockModels;
using Microsoft.ML;
using static Microsoft.ML.MulticlassClassificationCatalog;

namespace FocalMlNet.Training;

/// <summary>Several classes, each with a binary problem of its own: a score for each.</summary>
/// <param name="trainers">The catalog of the trainer.</param>
/// <param name="options">Its options.</param>
internal sealed class OneVersusAllFormulation(MulticlassClassificationTrainers trainers, FocalSgdMulticlassTrainer.Options options)
    : IFormulation
{
    /// <summary>
    /// The score of a class without rows: near the lowest whose σ is a normal float, since those of all others may be low, too.
    /// </summary>
    private const float OfEmptyClass = -80;

    public HeldOutJudge Judge => HeldOutJudge.OneVersusAll;

    public IClassObjective Objective(double gamma, double[] classWeights)
        => new OneVersusAllFocalObjective(Gammas(gamma, classWeights.Length), classWeights);

    public double[] ConstantScores(FocalProblem problem, ClassTotals totals)
        => Training.ConstantScores.OneVersusAll(totals.Weighted(problem.ClassWeights), Gammas(problem.Gamma, totals.ClassCount));

    public LinearModel ByCurve(FocalProblem problem, LinearModel model, TrainingData data, ParallelOptions parallel)
    {
        var gammas = Gammas(problem.Gamma, model.OutputCount);
        return ScoreCalibration.Focal(
            model, ScoreCalibration.OneVersusAllCurves(gammas, problem.ClassWeights, data.Totals), data, parallel);
    }

    public LinearModel Normalized(LinearModel model, IReadOnlyList<int> empty)
        => model.With(empty, LinearModel.Constant(model.Coefficients[0].Length, [.. empty.Select(_ => OfEmptyClass)]));

    public void Warn(long rowsSkipped) => SkippedRowsWarning.Warn(trainers, rowsSkipped);

    public ITransformer ToStockModel(LinearModel model, DataViewSchema.Column label, DataViewSchema.Column features)
        => StockOneVersusAll.Create(trainers, label, features, model.Coefficients, model.Offsets, options.CancellationToken);

    private double[] Gammas(double gamma, int classCount)
        => options.ClassGammas?.ToArray() ?? [.. Enumerable.Repeat(gamma, classCount)];
}
