// What is a fraud detector worth? Costs decide where to raise an alert, and what each model brings in.
//     dotnet run samples/fraud.cs
#:project ../src/FocalLoss.MLNet/FocalLoss.MLNet.csproj
#:package Microsoft.ML
#:property PublishAot=false

using FocalMlNet;
using Microsoft.ML;

var mlContext = new MLContext(seed: 1);
var data = mlContext.Data.LoadFromEnumerable(Payment.Year(60_000));

// Fraud changes with time: the newest payments test, those before them choose thresholds, the oldest train.
var (rest, test) = mlContext.Data.TimeOrderedTrainTestSplit(data, "Time", testFraction: .3, labelColumnName: "Label");
var (train, tune) = mlContext.Data.TimeOrderedTrainTestSplit(rest, "Time", testFraction: .3, labelColumnName: "Label");

// In euros: to look at an alert takes 4, a fraud that nobody looks at loses 150.
var costs = new CostMatrix(truePositive: -4, falsePositive: -4, falseNegative: -150, trueNegative: 0);
Console.WriteLine(costs);

var features = mlContext.Transforms.Categorical.OneHotEncoding("Shop")
    .Append(mlContext.Transforms.Concatenate("Features", "Shop", "LogAmount", "LogPaymentsToday", "IsNight", "IsNewDevice", "IsAbroad"))
    .Append(mlContext.Transforms.NormalizeMeanVariance("Features", fixZero: false));
var logistic = features.Append(mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression()).Fit(train);
var focal = features.Append(mlContext.BinaryClassification.Trainers.FocalSgd(gamma: 2)).Fit(train);

// A threshold of ½ is what ML.NET does by itself; this one is the most profitable on rows that the model was not trained on.
double BestThreshold(ITransformer model)
    => mlContext.BinaryClassification.ChooseThreshold(model.Transform(tune), ThresholdPolicy.MaximizeProfit(costs)).Probability;
var tunedLogistic = mlContext.BinaryClassification.WithThreshold(logistic, BestThreshold(logistic));
var tunedFocal = mlContext.BinaryClassification.WithThreshold(focal, BestThreshold(focal));

var comparison = mlContext.BinaryClassification.CompareImbalanced(
    test,
    [("logistic regression at ½", logistic), ("logistic regression, tuned", tunedLogistic), ("focal loss, tuned", tunedFocal)],
    costs: costs);

Console.WriteLine("What 1,000 payments bring in, in euros, on the newest 30 %:");
var nothing = costs.FalseNegative * comparison.Models[0].Metrics.Prevalence;
Console.WriteLine($"  {"doing nothing",-28}{1000 * nothing,9:F2}");
foreach (var (name, metrics, _) in comparison.Models)
{
    var counts = metrics.ConfusionCounts;
    Console.WriteLine($"  {name,-28}{1000 * comparison.Value(name, ComparisonMetric.Profit),9:F2}   frauds found "
        + $"{counts.TruePositives} of {counts.TruePositives + counts.FalseNegatives}, false alerts {counts.FalsePositives}");
}

var gain = comparison.Difference("focal loss, tuned", "logistic regression, tuned", ComparisonMetric.Profit);
Console.WriteLine($"Focal loss beside logistic regression, both tuned: {1000 * gain.Difference:+0.00;-0.00} "
    + $"[{1000 * gain.Interval.Low:+0.00;-0.00}; {1000 * gain.Interval.High:+0.00;-0.00}], p = {gain.PValue:F3}");

internal sealed record Payment(
    DateTime Time, string Shop, float LogAmount, float LogPaymentsToday, float IsNight, float IsNewDevice, float IsAbroad, bool Label)
{
    /// <summary>Made up: 1 in 100 is a fraud, of two kinds that one line cannot tell apart from the rest equally well.</summary>
    public static IEnumerable<Payment> Year(int count)
    {
        var random = new Random(1);
        bool Is(double probability) => random.NextDouble() < probability;
        float Normal() => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        for (var i = 0; i < count; i++)
        {
            var (isStolen, isBurst) = (Is(.007), Is(.003));
            var shop = isStolen && Is(.5) ? "electronics" : new[] { "food", "clothes", "travel", "electronics" }[random.Next(4)];
            yield return new Payment(
                new DateTime(2025, 1, 1).AddHours(8760.0 * i / count), shop, LogAmount: 3 + Normal() + (isStolen ? 1.2f : 0),
                LogPaymentsToday: Math.Abs(Normal()) + (isBurst ? 2 : 0), IsNight: Is(isStolen ? .6 : .1) ? 1 : 0,
                IsNewDevice: Is(isStolen || isBurst ? .6 : .05) ? 1 : 0, IsAbroad: Is(isStolen ? .7 : .05) ? 1 : 0,
                Label: isStolen || isBurst);
        }
    }
}
