
using System.Globalization;
using Microsoft.ML;

namespace FocalMlNet.Bench;

/// <summary>What an evaluation of scored rows costs, beside the stock one, and what each resample of the bootstrap adds.</summary>
internal static class EvaluationBenchmark
{
    private const int RowCount = 1_000_000;
    private const int MulticlassRowCount = 100_000;
    private const int ClassCount = 7;
    private const int Resamples = 50;

    public static void Run()
    {
        var mlContext = new MLContext(seed: 1);
        var results = new Results("Evaluation");
        Binary(results, mlContext);
        Multiclass(results, mlContext);
        results.Save("evaluation");
    }

    private static void Binary(Results results, MLContext mlContext)
    {
        var view = mlContext.Data.Cache(mlContext.Data.LoadFromEnumerable(Rows()));
        Contestant stock = new("stock `Evaluate`", () => mlContext.BinaryClassification.Evaluate(view));
        Contestant own = new("`EvaluateImbalanced`", () => mlContext.BinaryClassification.EvaluateImbalanced(view));
        Contestant bootstrap = new($"`EvaluateImbalanced`, {Resamples} resamples",
            () => mlContext.BinaryClassification.EvaluateImbalanced(
                view, options: new EvaluationOptions { BootstrapResamples = Resamples }));
        Contestant threshold =
            new("`ChooseThreshold`", () => mlContext.BinaryClassification.ChooseThreshold(view, ThresholdPolicy.MaximizeF()));
        var model = mlContext.Transforms.CopyColumns("Copy", "Score").Fit(view);
        Contestant compare = new($"`CompareImbalanced`, 3 models, {Resamples} resamples",
            () => mlContext.BinaryClassification.CompareImbalanced(
                view, [("a", model), ("b", model), ("c", model)], options: new EvaluationOptions { BootstrapResamples = Resamples }));
        Contestant[] contestants = [stock, own, threshold, bootstrap, compare];
        Contest.Run(contestants, 5, TimeSpan.FromSeconds(2));

        results.Add("Seconds (median of 5 rounds) for 1,000,000 scored rows in a cached view, 1 % positives, almost all scores distinct.");
        results.Add("");
        Table(results, "1,000,000 rows", contestants, own, bootstrap, RowCount, "a row");
        var each = (compare.MedianSeconds - 3 * own.MedianSeconds) / Resamples;
        results.Add(string.Create(CultureInfo.InvariantCulture,
            $"A resample of three models takes {each * 1000:0.#} ms: a comparison with 1000 resamples "
                + $"{each * 1000 + 3 * own.MedianSeconds:0} s."));
    }

    private static void Multiclass(Results results, MLContext mlContext)
    {
        var rows = MulticlassData.Gaussian(MulticlassRowCount, 10, ClassCount);
        var (train, _) = MulticlassData.Standardised(mlContext, rows, rows[..1], ClassCount);
        var view = mlContext.Data.Cache(
            mlContext.MulticlassClassification.Trainers.FocalSgd().Fit(train).Transform(train), "Label", "Score", "PredictedLabel");
        Contestant stock = new("stock `Evaluate`", () => mlContext.MulticlassClassification.Evaluate(view));
        Contestant own = new("`EvaluateImbalanced`", () => mlContext.MulticlassClassification.EvaluateImbalanced(view));
        Contestant bootstrap = new($"`EvaluateImbalanced`, {Resamples} resamples",
            () => mlContext.MulticlassClassification.EvaluateImbalanced(
                view, options: new EvaluationOptions { BootstrapResamples = Resamples }));
        Contestant[] contestants = [stock, own, bootstrap];
        Contest.Run(contestants, 5, TimeSpan.FromSeconds(2));

        results.Add("");
        results.Add("The same for 100,000 rows of seven classes, the k-th in proportion to 1 / k.");
        results.Add("");
        Table(results, "100,000 rows, 7 classes", contestants, own, bootstrap, MulticlassRowCount * ClassCount, "a row and class");
    }

    private static void Table(
        Results results, string head, Contestant[] contestants, Contestant own, Contestant bootstrap, int units, string unit)
    {
        results.AddTable([head, "seconds"], contestants.Select(c => (string[])[c.Name, FitBenchmark.Seconds(c.MedianSeconds)]));
        var each = (bootstrap.MedianSeconds - own.MedianSeconds) / Resamples;
        results.Add(string.Create(CultureInfo.InvariantCulture,
            $"A resample of all rows adds {each * 1000:0.#} ms, {each / units * 1e9:0.#} ns {unit}, with {Environment.ProcessorCount} "
                + $"threads: 1000 resamples take {each * 1000:0} s."));
    }

    private static IEnumerable<ScoredExample> Rows()
    {
        var random = new Random(1);
        for (var i = 0; i < RowCount; i++)
        {
            var label = random.NextDouble() < .01;
            var score = 4 * (random.NextDouble() + random.NextDouble() + random.NextDouble()) - (label ? 6 : 11);
            yield return new ScoredExample
            {
                Label = label,
                Score = (float)score,
                Probability = (float)(1 / (1 + Math.Exp(-score))),
                PredictedLabel = score > 0,
            };
        }
    }

    private sealed class ScoredExample
    {
        public bool Label { get; set; }

        public float Score { get; set; }

        public float Probability { get; set; }

        public bool PredictedLabel { get; set; }
    }
}
