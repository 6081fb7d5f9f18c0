using FocalMlNet.Columns;
using FocalMlNet.Evaluation;
using FocalMlNet.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tuning;

/// <summary>Several classes.</summary>
/// <param name="catalog">The catalog.</param>
/// <param name="options">The options.</param>
/// <param name="classCount">How many.</param>
internal sealed class MulticlassTuningTask(MulticlassClassificationCatalog catalog, MulticlassTuningOptions options, int classCount)
    : ITuningTask
{
    private static readonly EvaluationOptions Evaluation = new() { NumberOfThreads = 1 };

    private readonly string[] _names = [.. Enumerable.Range(0, classCount).Select(k => FormattableString.Invariant($"{k + 1}"))];

    public IFormulation Formulation { get; } = options.Formulation == MulticlassFormulation.Softmax
        ? new SoftmaxFormulation(catalog.Trainers)
        : new OneVersusAllFormulation(catalog.Trainers, new() { Formulation = MulticlassFormulation.OneVersusAll });

    public string MetricName => options.Profit is null ? $"{options.Metric}" : "Profit per row";

    public bool IsHigherBetter => options.Profit is not null || options.Metric is not (
        MulticlassMetric.LogLoss or MulticlassMetric.BrierScore or MulticlassMetric.ExpectedCalibrationError
        or MulticlassMetric.FocalLoss);

    public bool JudgesProbabilities => !IsHigherBetter || options.Profit is not null;

    // Of several classes ML.NET has none.
    public bool HasCalibrator => false;

    public ITransformer Calibrated(ITransformer model, Recalibration calibrator) => throw new NotSupportedException();

    public double Chance(JudgedRows rows)
    {
        if (options.Profit is not null || options.Metric is not MulticlassMetric.MacroAveragePrecision)
            return double.NaN;
        // The average precision of a class by chance is its share.
        var shares = new double[classCount];
        for (var i = 0; i < rows.Classes.Length; i++)
            shares[rows.Classes[i]] += rows.Weights[i];
        return shares.Where(share => share > 0).Average() / shares.Sum();
    }

    public FoldPredictions OfLine(float[][] scores, int rowCount)
    {
        Formulation.Judge.Normalize(scores, rowCount);
        var byRow = new float[rowCount * classCount];
        for (var k = 0; k < classCount; k++)
        {
            for (var i = 0; i < rowCount; i++)
                byRow[i * classCount + k] = scores[k][i];
        }

        return new(byRow, [], classCount);
    }

    public FoldPredictions Read(IDataView scored, DataViewSchema input, int rowCount)
    {
        var score = ScoredView.Column(ColumnRole.ClassScores, scored, input);
        if (((VectorDataViewType)score.Type).Size is var size && size != classCount)
            throw new InvalidOperationException($"The candidate has {size} scores, but the label has {classCount} classes.");
        var scores = new float[rowCount * classCount];
        ScoredView.Read(scored, [score], rowCount, cursor =>
        {
            var getScores = cursor.GetGetter<VBuffer<float>>(score);
            var ofRow = default(VBuffer<float>);
            return row =>
            {
                getScores(ref ofRow);
                ofRow.CopyTo(scores, row * classCount);
            };
        });
        return new(scores, [], classCount);
    }

    public FoldValue Judge(FoldPredictions predictions, JudgedRows rows)
    {
        TuningErrors.CheckScores(predictions.Scores);
        var areProbabilities = AreProbabilities(predictions);
        if (JudgesProbabilities && !areProbabilities)
            throw TuningErrors.NoProbabilities(MetricName, "scores that are probabilities with sum 1");
        var scored = new ClassScoredRows(_names, predictions.Scores, rows.Classes, rows.Weights);
        var values = new MulticlassEvaluation(scored, areProbabilities, Evaluation).Figures([]).Values;
        return new(
            options.Profit is { } costs ? ProfitPerRow(costs, predictions, rows) : values[(int)options.Metric],
            values[(int)MulticlassMetric.LogLoss]);
    }

    public IEstimator<ITransformer> Trainer(LineFamily family, double penalty, CancellationToken cancellation)
        => catalog.Trainers.FocalSgd(LineOptions(family, penalty) with { CancellationToken = cancellation });

    /// <summary>The options of the trainer of a line.</summary>
    public FocalSgdMulticlassTrainer.Options LineOptions(LineFamily family, double penalty) => new()
    {
        LabelColumnName = options.LabelColumnName,
        FeatureColumnName = options.FeatureColumnName,
        ExampleWeightColumnName = options.ExampleWeightColumnName,
        Formulation = options.Formulation,
        Gamma = family.Gamma,
        ClassWeighting = family.Weighting,
        L2Regularization = penalty,
        Seed = options.Seed,
        NumberOfThreads = options.NumberOfThreads,
    };

    private static bool AreProbabilities(FoldPredictions predictions)
    {
        for (var i = 0; i < predictions.RowCount; i++)
        {
            if (!MulticlassEvaluation.AreProbabilities(
                predictions.Scores.AsSpan(i * predictions.ScoreCount, predictions.ScoreCount)))
            {
                return false;
            }
        }

        return true;
    }

    private double ProfitPerRow(CostMatrix costs, FoldPredictions predictions, JudgedRows rows)
    {
        double sum = 0, total = 0;
        for (var i = 0; i < rows.Classes.Length; i++)
        {
            var decision = costs.BestDecision(predictions.Scores.AsSpan(i * classCount, classCount));
            sum += rows.Weights[i] * costs[rows.Classes[i], decision];
            total += rows.Weights[i];
        }

        return sum / total;
    }
}
