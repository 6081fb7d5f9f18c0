// Which machines will fail? Tuning says whether focal loss, class weights or trees are worth it, and how sure that is.
//     dotnet run samples/machine-faults.cs
#:project ../src/FocalLoss.MLNet/FocalLoss.MLNet.csproj
#:package Microsoft.ML
#:package Microsoft.ML.FastTree
#:property PublishAot=false

using System.IO.Compression;
using FocalMlNet;
using Microsoft.ML;
using Microsoft.ML.Data;

var mlContext = new MLContext(seed: 1);
var file = Unpacked("ai4i2020.csv.gz");
var machines = mlContext.Data.LoadFromTextFile<Machine>(file, separatorChar: ',', hasHeader: true);
var data = mlContext.Data.Cache(
    mlContext.Transforms.Categorical.OneHotEncoding("Quality")
        .Append(mlContext.Transforms.Concatenate("Features", "Quality", "Measured"))
        .Fit(machines).Transform(machines));

// A fifth is kept out of all that follows, to report on.
var (train, test) = mlContext.Data.StratifiedTrainTestSplit(data, testFraction: .2, seed: 1);

var trainers = mlContext.BinaryClassification.Trainers;
var result = mlContext.BinaryClassification.TuneImbalanced(train, new BinaryTuningOptions
{
    Preparation = mlContext.Transforms.NormalizeMeanVariance("Features", fixZero: false),
    Candidates =
    [
        new("trees", w => trainers.FastTree(exampleWeightColumnName: w)),
        new("trees", w => trainers.FastTree(exampleWeightColumnName: w)) { ClassWeighting = ClassWeighting.Balanced },
    ],
    // Find four of five faults, with as few false alerts as that takes.
    ThresholdPolicy = ThresholdPolicy.ReachRecall(.8),
});
Console.WriteLine(result);

// The model is made of ML.NET's own types, with the chosen threshold in it.
var metrics = mlContext.BinaryClassification.EvaluateImbalanced(
    result.Model.Transform(test), options: new EvaluationOptions { BootstrapResamples = 1000 });
var counts = metrics.ConfusionCounts;
Console.WriteLine($"On {metrics.RowCount} machines that no model has seen, {result.Chosen.Name}:");
Console.WriteLine($"  faults found {counts.TruePositives} of {counts.TruePositives + counts.FalseNegatives}, false alerts "
    + $"{counts.FalsePositives}");
foreach (var metric in new[] { BinaryMetric.Recall, BinaryMetric.Precision, BinaryMetric.AveragePrecision })
{
    var (low, high) = metrics.Interval(metric);
    Console.WriteLine($"  {metric,-16} {metrics[metric]:F3}, 95 % interval [{low:F3}; {high:F3}]");
}

File.Delete(file);

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

internal sealed class Machine
{
    [LoadColumn(2)]
    public string Quality { get; set; } = "";

    /// <summary>Temperature of the air and of the process, speed, torque, wear of the tool.</summary>
    [LoadColumn(3, 7), VectorType(5)]
    public float[] Measured { get; set; } = [];

    [LoadColumn(8), ColumnName("Label")]
    public bool HasFailed { get; set; }
}
