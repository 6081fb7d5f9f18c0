// What grows here? Six kinds of ground in satellite pictures, of which the rarest is the hardest to see.
//     dotnet run samples/several-classes.cs
#:project ../src/FocalLoss.MLNet/FocalLoss.MLNet.csproj
#:package Microsoft.ML
#:property PublishAot=false

using System.IO.Compression;
using FocalMlNet;
using Microsoft.ML;
using Microsoft.ML.Data;

var mlContext = new MLContext(seed: 1);
var file = Unpacked("satimage.csv.gz");
var spots = mlContext.Data.Cache(mlContext.Data.LoadFromTextFile<Spot>(file, separatorChar: ',', hasHeader: true));
var (train, test) = mlContext.Data.StratifiedTrainTestSplit(spots, "Ground", testFraction: .3, seed: 1);

// A new name for the normalised columns: the fitted model needs the spots as they are in the file.
var features = mlContext.Transforms.NormalizeMeanVariance("Features", "Brightness", fixZero: false)
    .Append(mlContext.Transforms.Conversion.MapValueToKey("Label", "Ground"));
foreach (var weighting in new[] { ClassWeighting.None, ClassWeighting.Balanced })
{
    // Softmax: one model for all six, whose probabilities sum to 1.
    var model = features.Append(mlContext.MulticlassClassification.Trainers.FocalSgd(new FocalSgdMulticlassTrainer.Options
    {
        Gamma = 2,
        ClassWeighting = weighting,
        // Class weights shall move decisions here: calibration would take them out of the probabilities again.
        Calibration = CalibrationMethod.None,
    }))
    .Fit(train);

    var metrics = mlContext.MulticlassClassification.EvaluateImbalanced(
        model.Transform(test), options: new EvaluationOptions { BootstrapResamples = 1000 });
    Console.WriteLine($"Class weights: {weighting}. Accuracy {metrics.Accuracy:F4}, balanced accuracy {metrics.BalancedAccuracy:F4}, "
        + $"macro F1 {metrics.MacroF1Score:F4}");
    Console.WriteLine($"  {"class",-22} {"rows",5}  precision  recall  95 % interval  given to class 1, 2, 3, 4, 5, 7");
    // Classes are in the order in which training has met them.
    var order = Enumerable.Range(0, metrics.Classes.Count).OrderBy(k => metrics.Classes[k].Name, StringComparer.Ordinal).ToArray();
    foreach (var k in order)
    {
        var one = metrics.Classes[k];
        var (low, high) = one.Intervals!.Recall;
        Console.WriteLine($"  {one.Name} {Spot.Names[int.Parse(one.Name)],-20} {one.Weight,5} {one.Precision,10:F4} {one.Recall,7:F4} "
            + $" [{low:F3}; {high:F3}]  {string.Concat(order.Select(j => $"{metrics.ConfusionMatrix[k][j],5}"))}");
    }
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

internal sealed class Spot
{
    /// <summary>By the number of the class; 6, several kinds in one spot, does not occur.</summary>
    public static readonly string[] Names = ["", "red soil", "cotton", "grey soil", "damp grey soil", "stubble", "", "very damp soil"];

    /// <summary>Of the spot and its eight neighbours, in four bands of light.</summary>
    [LoadColumn(0, 35), VectorType(36)]
    public float[] Brightness { get; set; } = [];

    [LoadColumn(36)]
    public string Ground { get; set; } = "";
}
