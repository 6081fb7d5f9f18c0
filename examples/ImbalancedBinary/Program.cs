// The main job, on data in which one row of 340 is a fault: load, split, tune, compare, save, and write a page to decide by.
// With --data FILE --label COLUMN --positive VALUE it does so on your own file, by the command focal.
using FocalMlNet;
using ImbalancedBinary;
using Microsoft.ML;
using Microsoft.ML.Transforms;
using Spectre.Console;

if (args.Length > 0)
    return FocalMlNet.Tool.Program.Main(OwnData.TrainArguments(args));

const int Seed = 1;
var mlContext = new MLContext(Seed);
var binary = mlContext.BinaryClassification;

// Nine sensors of the space shuttle; the class Fpv.Open is the one to find.
var rows = mlContext.Data.LoadFromTextFile<ShuttleRow>(OwnData.Shuttle(), separatorChar: ',', hasHeader: true);
var isFault = new Dictionary<string, bool> { ["Fpv.Open"] = true };
var data = mlContext.Data.Cache(mlContext.Transforms.Conversion.MapValue("Label", isFault, "Class").Fit(rows).Transform(rows));
var (train, test) = mlContext.Data.StratifiedTrainTestSplit(data, testFraction: .2, seed: Seed);

// Lines on standardised features are always tried: six values of γ, three class weightings, a path of penalties. Trees and kernel features
// are candidates of ours. Of equally good ones the simplest is taken, in this order.
IEstimator<ITransformer> Standardised() => mlContext.Transforms.NormalizeMeanVariance("Features", fixZero: false);
var trees = TuningCandidate.Grid("FastTree", "leaves", [8, 32], (weight, leaves)
    => binary.Trainers.FastTree(exampleWeightColumnName: weight, numberOfLeaves: leaves));
var kernelLines = TuningCandidate.Grid("kernel features", "penalty", [1e-4, 1e-7], (weight, penalty)
    => Standardised()
        .Append(mlContext.Transforms.ApproximatedKernelMap("Features", rank: 200, generator: new GaussianKernel(.5f), seed: Seed))
        .Append(binary.Trainers.FocalSgd(new FocalSgdBinaryTrainer.Options
        {
            Gamma = 0,
            L2Regularization = penalty,
            ExampleWeightColumnName = weight,
        })));

var options = new BinaryTuningOptions { Preparation = Standardised(), Candidates = [.. trees, .. kernelLines], Seed = Seed };
var tuned = Tune("Tuning", options);

// Plain logistic regression, with its penalty and threshold tuned in the same way: what everything has to be better than.
const string Plain = "logistic regression";
var plain = Tune(Plain, options with { Gammas = [0], ClassWeightings = [ClassWeighting.None], Candidates = [] });

var chosen = tuned.Chosen.Name;
var costs = CostMatrix.OfMissCost(20); // a missed fault costs as much as 20 false alerts
var comparison = binary.CompareImbalanced(test, [(chosen, tuned.Model), (Plain, plain.Model)], costs: costs);

// ML.NET's own formats: what loads the files needs neither this program nor FocalLoss.MLNet.
var folder = Directory.CreateDirectory("artifacts").FullName;
mlContext.Model.Save(tuned.Model, rows.Schema, Path.Combine(folder, "model.zip"));

// ML.NET's ONNX converter has no kernel map: then the best of the others goes into the file, under a name that says so.
var exported = kernelLines.Any(c => c.FullName == chosen) ? Tune("for ONNX", options with { Candidates = trees }) : tuned;
var onnx = ReferenceEquals(exported, tuned) ? "model.onnx" : "model-without-kernel.onnx";
var features = mlContext.Transforms.SelectColumns("Features").Fit(test).Transform(test);
using (var graph = File.Create(Path.Combine(folder, onnx)))
    mlContext.Model.ConvertToOnnx(exported.Model, features, graph, "Score", "Probability", "PredictedLabel");

new DecisionReport(comparison, new()
{
    Title = "Shuttle: Fpv.Open",
    Model = chosen,
    Baseline = Plain,
    Tuning = tuned,
    Costs = costs,
    Provenance = [new("Data", "Statlog (Shuttle), UCI, 58,000 rows"), new("Held out", "a stratified fifth"), new("Seed", $"{Seed}")],
}).Save(Path.Combine(folder, "report.html"));

Console.WriteLine(tuned);

var (low, high) = comparison.Interval(chosen, ComparisonMetric.AveragePrecision);
var gain = comparison.Difference(chosen, Plain, ComparisonMetric.AveragePrecision).Difference;
var metrics = comparison.Models[0].Metrics;
var counts = metrics.ConfusionCounts;
Console.WriteLine(FormattableString.Invariant(
    $"Model  {chosen}: AUPRC {metrics.AveragePrecision:F3} [{low:F3}; {high:F3}] on rows held out"));
Console.WriteLine(FormattableString.Invariant($"Gain   AUPRC {gain:+0.000;-0.000} over {Plain}; {counts.TruePositives} of ")
    + FormattableString.Invariant($"{counts.TruePositives + counts.FalseNegatives} faults, {counts.FalsePositives} false alerts"));
Console.WriteLine($"Files  {Path.GetRelativePath(".", folder)}: model.zip, {onnx}, report.html");
return 0;

BinaryTuningResult Tune(string title, BinaryTuningOptions what)
{
    if (Console.IsOutputRedirected)
        return binary.TuneImbalanced(train, what);
    return AnsiConsole.Progress().AutoClear(true).Start(progress =>
    {
        var bar = progress.AddTask(title);
        return binary.TuneImbalanced(train, what with
        {
            Progress = new Progress<TuningProgress>(p => (bar.MaxValue, bar.Value) = (Math.Max(1, p.Total), p.Done)),
        });
    });
}
