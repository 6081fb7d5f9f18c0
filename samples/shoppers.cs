// How likely is it that a visitor buys? Probabilities that can be taken at their word, beside some that cannot.
//     dotnet run samples/shoppers.cs
#:project ../src/FocalLoss.MLNet/FocalLoss.MLNet.csproj
#:package Microsoft.ML
#:property PublishAot=false

using System.IO.Compression;
using FocalMlNet;
using Microsoft.ML;
using Microsoft.ML.Data;

var mlContext = new MLContext(seed: 1);
var file = Unpacked("online-shoppers.csv.gz");
var visits = mlContext.Data.Cache(mlContext.Data.LoadFromTextFile<Visit>(file, separatorChar: ',', hasHeader: true));
var (train, test) = mlContext.Data.StratifiedTrainTestSplit(visits, testFraction: .3, seed: 1);

// Durations and counts have long tails: their place in a log-normal distribution says more to a line. Codes have no order.
var features = mlContext.Transforms.NormalizeLogMeanVariance("Numbers")
    .Append(mlContext.Transforms.Categorical.OneHotEncoding("Codes"))
    .Append(mlContext.Transforms.Concatenate("Features", "Numbers", "Codes", "Weekend"));

// Both count buyers, who are few, as much as all others together: logistic regression by a column of weights ...
var weighted = features.Append(mlContext.Transforms.BalanceClasses("Weight"))
    .Append(mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression(exampleWeightColumnName: "Weight"))
    .Fit(train);
// ... and FocalSgd by an option: it knows what weights and focal loss do to probabilities, and takes it back.
var calibrated = features
    .Append(mlContext.BinaryClassification.Trainers.FocalSgd(new FocalSgdBinaryTrainer.Options
    {
        Gamma = 2,
        ClassWeighting = ClassWeighting.Balanced,
    }))
    .Fit(train);

Show("Weighted logistic regression", weighted);
Show("FocalSgd", calibrated);
File.Delete(file);

void Show(string name, ITransformer model)
{
    var metrics = mlContext.BinaryClassification.EvaluateImbalanced(model.Transform(test));
    Console.WriteLine($"{name}: {metrics.RowCount} visits, of which {metrics.Prevalence:P2} buy");
    Console.WriteLine($"  log-loss {metrics.LogLoss:F4}, calibration error {metrics.ExpectedCalibrationError:F4}, "
        + $"AUPRC {metrics.AveragePrecision:F4}");
    // Ten groups of equally many visits, by their probability.
    Console.WriteLine("  it says  do buy");
    foreach (var group in metrics.ReliabilityCurve)
        Console.WriteLine($"  {group.MeanProbability,7:P1} {group.PositiveRate,7:P1}");
}

// ML.NET reads plain files.
static string Unpacked(string name)
{
    var path = Path.GetTempFileName();
    var folder = (string)AppContext.GetData("EntryPointFileDirectoryPath")!;
    using var source = new GZipStream(File.OpenRead(Path.Combine(folder, "..", "data", name)), CompressionMode.Decompress);
    using var target = File.Create(path);
    source.CopyTo(target);
    return path;
}

internal sealed class Visit
{
    /// <summary>Pages of three kinds with the time spent on them, bounces, exits, the value of the pages, nearness of a holiday.</summary>
    [LoadColumn(0, 9), VectorType(10)]
    public float[] Numbers { get; set; } = [];

    /// <summary>Month, operating system, browser, region, where the visitor came from, whether for the first time.</summary>
    [LoadColumn(10, 15), VectorType(6)]
    public string[] Codes { get; set; } = [];

    [LoadColumn(16)]
    public float Weekend { get; set; }

    [LoadColumn(17), ColumnName("Label")]
    public bool HasBought { get; set; }
}
