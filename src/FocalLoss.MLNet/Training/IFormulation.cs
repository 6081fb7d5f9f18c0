using FocalMlNet.Calibration;
using FocalMlNet.Matrix;
using FocalMlNet.Optimization;
using Microsoft.ML;

namespace FocalMlNet.Training;

/// <summary>What two classes, softmax and one-versus-all do differently on the way from a view to a stock model.</summary>
internal interface IFormulation
{
    /// <summary>Scores that a row has.</summary>
    /// <param name="classCount">The number of classes.</param>
    int OutputCount(int classCount) => classCount;

    /// <summary>What is minimised.</summary>
    /// <param name="gamma">γ.</param>
    /// <param name="classWeights">The weight of each class.</param>
    IClassObjective Objective(double gamma, double[] classWeights);

    /// <summary>The scores that are best when features are not looked at.</summary>
    double[] ConstantScores(FocalProblem problem, ClassTotals totals);

    /// <summary>The model that training starts from.</summary>
    /// <param name="first">What is minimised first.</param>
    /// <param name="last">What is minimised in the end.</param>
    /// <param name="data">The training rows.</param>
    /// <param name="parallel">Threads and cancellation.</param>
    LinearModel Start(FocalProblem first, FocalProblem last, TrainingData data, ParallelOptions parallel)
        => first.Constant(data.Totals, data.ColumnCount);

    /// <summary>What scores of held-out rows are worth.</summary>
    HeldOutJudge Judge { get; }

    /// <summary>Makes the scores of a model log-odds by the curve of the loss, over the rows it was trained on.</summary>
    LinearModel ByCurve(FocalProblem problem, LinearModel model, TrainingData data, ParallelOptions parallel);

    /// <summary>The same by Platt scaling, on the rows that were held out.</summary>
    LinearModel ByHeldOut(LinearModel model, TrainingData data, ParallelOptions parallel)
        => ScoreCalibration.Platt(model, data.HeldOut, data.Totals, parallel);

    /// <summary>
    /// The same functions in the numbers that a stock model should have, those of classes without rows so low that none of their
    /// probabilities is above a float's resolution.
    /// </summary>
    /// <param name="model">The calibrated model.</param>
    /// <param name="empty">The classes without rows.</param>
    LinearModel Normalized(LinearModel model, IReadOnlyList<int> empty) => model;

    /// <summary>The model where only one class has weight; null if that is an error.</summary>
    LinearModel? OfOneClass(IDataView input, TrainingData data) => null;

    /// <summary>Warns of rows that were skipped, as stock trainers do.</summary>
    void Warn(long rowsSkipped);

    /// <summary>Puts a model into ML.NET's own types.</summary>
    ITransformer ToStockModel(LinearModel model, DataViewSchema.Column label, DataViewSchema.Column features);
}

/// <summary>One loss of a formulation: with a γ, and a weight for each class.</summary>
internal sealed record FocalProblem(IFormulation Formulation, double Gamma, double[] ClassWeights)
{
    public IClassObjective Objective { get; } = Formulation.Objective(Gamma, ClassWeights);

    /// <summary>The model that does not look at so many features.</summary>
    public LinearModel Constant(ClassTotals totals, int columnCount)
        => LinearModel.Constant(columnCount, [.. Formulation.ConstantScores(this, totals).Select(score => (float)score)]);
}
