using FocalMlNet.Columns;
using FocalMlNet.Evaluation;
using FocalMlNet.StockModels;
using FocalMlNet.Thresholds;
using FocalMlNet.Training;
using Microsoft.ML;

namespace FocalMlNet.Tuning;

/// <summary>Two classes.</summary>
/// <param name="catalog">The catalog.</param>
/// <param name="options">The options.</param>
internal sealed class BinaryTuningTask(BinaryClassificationCatalog catalog, BinaryTuningOptions options) : ITuningTask
{
    private static readonly EvaluationOptions Evaluation = new() { CalibrationBinCount = 10, NumberOfThreads = 1 };

    public IFormulation Formulation { get; } = new BinaryFormulation(catalog.Trainers, new(), null);

    public string MetricName => options.Profit is null ? $"{options.Metric}" : "Profit per row";

    public bool IsHigherBetter => options.Profit is not null || options.Metric is not (
        BinaryMetric.LogLoss or BinaryMetric.BrierScore or BinaryMetric.ExpectedCalibrationError or BinaryMetric.FocalLoss);

    public bool JudgesProbabilities
        => options.Profit is not null || options.Metric is not (BinaryMetric.AveragePrecision or BinaryMetric.AreaUnderRocCurve);

    public bool HasCalibrator => true;

    public ITransformer Calibrated(ITransformer model, Recalibration calibrator)
        => StockCalibrator.After(catalog, model, -calibrator.Map.Slope, -calibrator.Map.Intercept);

    public double Chance(JudgedRows rows)
    {
        if (options.Profit is not null)
            return double.NaN;
        double positives = rows.Weights.Where((_, i) => rows.ArePositive[i]).Sum(w => (double)w), total = rows.Weights.Sum(w => (double)w);
        return options.Metric switch
        {
            BinaryMetric.AveragePrecision => positives / total,
            BinaryMetric.AreaUnderRocCurve or BinaryMetric.BalancedAccuracy => .5,
            _ => double.NaN,
        };
    }

    public FoldPredictions OfLine(float[][] scores, int rowCount)
        => new(scores[0], Array.ConvertAll(scores[0], score => (float)(1 / (1 + Math.Exp(-score)))));

    public FoldPredictions Read(IDataView scored, DataViewSchema input, int rowCount)
    {
        var score = ScoredView.Column(ColumnRole.Score, scored, input);
        var own = AddedColumn.Of(scored.Schema, input, "Probability");
        var probability = own is { } added && ColumnRole.Probability.Allows(added.Type) ? own : null;
        var (scores, probabilities) = (new float[rowCount], new float[probability is null ? 0 : rowCount]);
        ScoredView.Read(scored, probability is { } named ? [score, named] : [score], rowCount, cursor =>
        {
            var getScore = cursor.GetGetter<float>(score);
            var getProbability = probability is { } given ? cursor.GetGetter<float>(given) : null;
            return row =>
            {
                getScore(ref scores[row]);
                getProbability?.Invoke(ref probabilities[row]);
            };
        });
        return new(scores, probabilities);
    }

    public FoldValue Judge(FoldPredictions predictions, JudgedRows rows)
    {
        TuningErrors.CheckScores(predictions.Scores);
        var (scores, probabilities, weights) = (predictions.Scores, predictions.Probabilities, rows.Weights);
        if (JudgesProbabilities && probabilities.Length == 0)
            throw TuningErrors.NoProbabilities(MetricName, "a column Probability");
        if (Array.Exists(probabilities, p => p is not (>= 0 and <= 1)))
            throw new InvalidOperationException("A probability is not in [0; 1].");
        var threshold = options.Profit is { } costs ? costs.CallAbove : .5;
        if (options.Profit is null && JudgesProbabilities && options.ThresholdPolicy is { } policy)
            threshold = Threshold(policy, probabilities, rows);
        var called = probabilities.Length > 0
            ? Array.ConvertAll(probabilities, p => p > threshold) : new bool[scores.Length];
        var scored = ScoredRows.Of(scores, rows.ArePositive, weights, probabilities.Length > 0 ? probabilities : null, called);
        var figures = new BinaryEvaluation(scored, Evaluation).Figures([]);
        var value = options.Profit is { } given ? given.ProfitPerRow(figures.Confusion) : figures.Values[(int)options.Metric];
        return new(value, figures.Values[(int)BinaryMetric.LogLoss]);
    }

    public IEstimator<ITransformer> Trainer(LineFamily family, double penalty, CancellationToken cancellation)
        => catalog.Trainers.FocalSgd(LineOptions(family, penalty) with { CancellationToken = cancellation });

    /// <summary>The options of the trainer of a line.</summary>
    public FocalSgdBinaryTrainer.Options LineOptions(LineFamily family, double penalty) => new()
    {
        LabelColumnName = options.LabelColumnName,
        FeatureColumnName = options.FeatureColumnName,
        ExampleWeightColumnName = options.ExampleWeightColumnName,
        Gamma = family.Gamma,
        ClassWeighting = family.Weighting,
        L2Regularization = penalty,
        Seed = options.Seed,
        NumberOfThreads = options.NumberOfThreads,
    };

    /// <summary>The threshold that a policy finds best; one above all probabilities where none meets its demand.</summary>
    private static double Threshold(ThresholdPolicy policy, float[] probabilities, JudgedRows rows)
    {
        try
        {
            return ThresholdSearch.Choose(
                RankSteps.Of(ScoredRows.Of(probabilities, rows.ArePositive, rows.Weights)), policy).Probability;
        }
        catch (InvalidOperationException)
        {
            return 1;
        }
    }
}
