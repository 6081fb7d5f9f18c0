// From a table whose positives are rare to a decision: 58,000 rows of the Space Shuttle's radiators, 171 of them with a faulty valve.
// On a table of your own: dotnet run --project examples/ImbalancedBinary -c Release -- --data FILE --label COLUMN --positive VALUE
using System.Globalization;
using FocalMlNet;
using ImbalancedBinary;
using Microsoft.ML;
using Microsoft.ML.Transforms;

var mlContext = new MLContext(seed: 1);
var trainers = mlContext.BinaryClassification.Trainers;

// 1. Load the rows, and call positive what is rare.
var file = Shuttle.Find();
var rows = mlContext.Data.LoadFromTextFile<ShuttleRow>(file, separatorChar: ',', hasHeader: true);
var isFault = new Dictionary<string, bool> { ["Fpv.Open"] = true };
var data = mlContext.Transforms.Conversion.MapValue("Label", isFault, "Class").Fit(rows).Transform(rows);

// 2. Keep a fifth for the end: what is told at last is told by rows that have decided nothing.
var split = mlContext.Data.StratifiedTrainTestSplit(data, "Label", testFraction: .2, seed: 1);
var (train, test) = (mlContext.Data.Cache(split.TrainSet), mlContext.Data.Cache(split.TestSet));

// 3. Say what an error costs: here a missed fault is as bad as 20 false alarms.
var costs = CostMatrix.OfMissCost(falseAlarms: 20);

// 4. Find out on the same five folds what helps: focal loss, class weights, kernel features, trees, or none of them.
var normalised = mlContext.Transforms.NormalizeMeanVariance("Features", fixZero: false);
var kernelLines = TuningCandidate.Grid(
    "kernel line", "gamma", [0d, 2d],
    (weight, gamma) => normalised
        .Append(mlContext.Transforms.ApproximatedKernelMap("Features", rank: 200, generator: new GaussianKernel(.5f)))
        .Append(trainers.FocalSgd(exampleWeightColumnName: weight, gamma: gamma, l2Regularization: 1e-7)));
IEstimator<ITransformer> Trees(string? weight) => trainers.FastTree(exampleWeightColumnName: weight);
var result = Progress.Show("Tuning", progress => mlContext.BinaryClassification.TuneImbalanced(train, new BinaryTuningOptions
{
    Preparation = normalised,
    Candidates =
    [
        .. kernelLines,
        new TuningCandidate("FastTree", Trees),
        new TuningCandidate("balanced FastTree", Trees) { ClassWeighting = ClassWeighting.Balanced },
    ],
    ThresholdPolicy = ThresholdPolicy.MaximizeProfit(costs),
    Seed = 1,
    Progress = progress,
}));
Console.WriteLine(result);

// 5. Compare it on the rows that were kept, with what everybody would try first.
var logistic = normalised.Append(trainers.LbfgsLogisticRegression()).Fit(train);
var trees = Trees(weight: null).Fit(train);
(string Name, ITransformer Model)[] models =
    [("tuned", result.Model), ("logistic regression", logistic), ("FastTree", trees)];
var comparison = mlContext.BinaryClassification.CompareImbalanced(test, models, costs: costs);

// 6. Save the model, for ML.NET and for all who read ONNX, and the page that leads to the decision.
const string Folder = "artifacts";
Directory.CreateDirectory(Folder);
mlContext.Model.Save(result.Model, rows.Schema, Path.Combine(Folder, "model.zip"));
var isKernelLine = result.Chosen.Name.StartsWith("kernel line", StringComparison.Ordinal);
var onnxFile = Path.Combine(Folder, isKernelLine ? "model-fasttree.onnx" : "model.onnx");
using (var onnx = File.Create(onnxFile))
{
    // ML.NET's kernel map has no form in ONNX.
    var features = mlContext.Transforms.SelectColumns("Features").Fit(test).Transform(test);
    mlContext.Model.ConvertToOnnx(isKernelLine ? trees : result.Model, features, onnx);
}

var report = new DecisionReport(comparison, new DecisionReportOptions
{
    Title = "Shuttle: when to open the valve",
    Model = "tuned",
    Baseline = "logistic regression",
    Tuning = result,
    Costs = costs,
    Provenance =
    [
        new("Data", $"{Path.GetFileName(file)}, class Fpv.Open against the rest"),
        new("Split", "stratified, a fifth held out, seed 1"),
    ],
});
report.Save(Path.Combine(Folder, "report.html"));

// 7. The three lines that matter.
var precision = comparison.Interval("tuned", ComparisonMetric.AveragePrecision);
var called = comparison.Models[0].Metrics.ConfusionCounts;
var gain = comparison.Difference("tuned", "logistic regression", ComparisonMetric.Profit);
string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
Console.WriteLine(Line($"Model: {result.Chosen.Name}, average precision {comparison.Models[0].Metrics.AveragePrecision:F3} ")
    + Line($"[{precision.Low:F3}; {precision.High:F3}] on rows that were kept."));
Console.WriteLine(Line($"It finds {called.TruePositives} of {called.TruePositives + called.FalseNegatives} faults, with ")
    + Line($"{called.FalsePositives} false alarms: {1000 * gain.Difference:F1} a 1,000 rows cheaper than logistic regression."));
Console.WriteLine($"Look at {Path.Combine(Folder, "report.html")}; the model is in {Path.Combine(Folder, "model.zip")} and {onnxFile}.");
