using System.Globalization;
using FocalMlNet.Tool.Printing;
using Microsoft.ML;

namespace FocalMlNet.Tool.Training;

/// <summary>Two classes.</summary>
internal sealed class BinaryTraining(MLContext mlContext, TrainSettings settings, FeaturePipeline features, LabelClasses label) : ITraining
{
    /// <summary>The name of what everything is compared with.</summary>
    private const string Baseline = "logistic regression";

    private const string Kernel = "kernel features";

    private BinaryTuningResult? _tuning;
    private BinaryTuningResult? _exported;
    private ModelComparison<ImbalancedBinaryMetrics>? _comparison;

    public ITransformer Model => _tuning!.Model;

    public ITransformer Exported => (_exported ?? _tuning)!.Model;

    public IReadOnlyList<string> ExportedColumns => ["Score", "Probability", "PredictedLabel"];

    public string? OtherExport => _exported is null ? null : _exported.TrainerOptions is null ? "trees" : "lines";

    public void WritePage(string path, IReadOnlyList<KeyValuePair<string, string>> provenance)
        => new DecisionReport(_comparison!, new()
        {
            Title = $"{label.Column} = {label.Positive}",
            Model = Name,
            Baseline = Baseline,
            Tuning = _tuning,
            Costs = settings.Costs,
            Provenance = provenance,
            Seed = settings.Seed,
        }).Save(path);

    private string Name => _tuning!.Chosen.Name;

    public void Run(IDataView train, IDataView test, int folds, Terminal terminal)
    {
        var options = new BinaryTuningOptions
        {
            LabelColumnName = features.Label,
            FeatureColumnName = features.Features,
            Preparation = features.Standardised(),
            SamplingKeyColumnName = settings.Group is null ? null : features.SplitColumn,
            TimeColumnName = settings.Time is null ? null : features.SplitColumn,
            NumberOfFolds = folds,
            Profit = settings.Costs,
            Seed = settings.Seed,
        };
        var full = settings.Quick ? options : options with { Candidates = [.. Trees(), .. KernelLines()] };
        _tuning = Tuned("Tuning", full);
        var plain = Tuned("Plain logistic regression", options with { Gammas = [0], ClassWeightings = [ClassWeighting.None] });
        if (Name.StartsWith(Kernel, StringComparison.Ordinal))
            _exported = Tuned("Tuning what ONNX can express", full with { Candidates = [.. Trees()] });

        List<(string, ITransformer)> models = [(Name, Model), (Baseline, plain.Model)];
        if (_exported is not null && !models.Exists(m => m.Item1 == _exported.Chosen.Name))
            models.Add((_exported.Chosen.Name, _exported.Model));
        _comparison = terminal.Work("Comparing on held-out rows", _ => mlContext.BinaryClassification.CompareImbalanced(
            test, models, features.Label, costs: settings.Costs ?? CostMatrix.OfMissCost(20),
            options: new() { BootstrapResamples = 1000, Seed = settings.Seed }));

        BinaryTuningResult Tuned(string title, BinaryTuningOptions what) => terminal.Work(title, progress
            => mlContext.BinaryClassification.TuneImbalanced(train, what with { Progress = new TuningShare(progress) }));
    }

    public void Print(Terminal terminal)
    {
        var (metrics, plain) = (_comparison!.Models[0].Metrics, _comparison.Models[1].Metrics);
        var comparison = _comparison;
        var table = new FigureTable(
            "On the held-out rows", "AUPRC", "95 % interval", "AUROC", "F1", "log-loss", "recall", "precision", "Brier");
        foreach (var (name, figures, _) in comparison.Models)
        {
            table.Add(
                name, Figure.Of(figures.AveragePrecision), Figure.Of(comparison.Interval(name, ComparisonMetric.AveragePrecision)),
                Figure.Of(figures.AreaUnderRocCurve), Figure.Of(figures.F1Score), Figure.Fine(figures.LogLoss), Figure.Of(figures.Recall),
                Figure.Of(figures.Precision), Figure.Fine(figures.BrierScore));
        }

        table.Add(
            "no model", Figure.Of(comparison.WithoutModel(ComparisonMetric.AveragePrecision)), "", Figure.Of(.5), "",
            Figure.Fine(comparison.WithoutModel(ComparisonMetric.LogLoss)), "", "",
            Figure.Fine(comparison.WithoutModel(ComparisonMetric.BrierScore)));
        table.WriteTo(terminal);

        var counts = metrics.ConfusionCounts;
        var positives = counts.TruePositives + counts.FalseNegatives;
        var interval = Figure.Of(comparison.Interval(Name, ComparisonMetric.AveragePrecision));
        terminal.Line(string.Create(
            CultureInfo.InvariantCulture,
            $"Model: {Name}, AUPRC {Figure.Of(metrics.AveragePrecision)} {interval} on {metrics.RowCount:N0} held-out rows, "
            + $"{positives:N0} of them positive."));
        terminal.Line($"Gain: {Gain()}{Threshold(metrics, plain)}");
    }

    private string Gain()
    {
        if (_tuning!.Chosen is { Gamma: 0 } line && line.ClassWeighting == ClassWeighting.None)
            return "none over plain logistic regression, which it is: nothing tried was better by more than chance. ";
        var difference = _comparison!.Difference(Name, Baseline, ComparisonMetric.AveragePrecision);
        return $"AUPRC {Figure.Signed(difference.Difference)} {Figure.Of(difference.Interval)} over plain logistic regression "
            + $"({Figure.P(difference.PValue)}). ";
    }

    private string Threshold(ImbalancedBinaryMetrics metrics, ImbalancedBinaryMetrics plain)
    {
        if (_tuning!.Threshold is not { } threshold)
            return "";
        var counts = metrics.ConfusionCounts;
        var alerts = 1000 * (counts.TruePositives + counts.FalsePositives) / metrics.RowCount;
        var policy = settings.Costs is null ? "highest F1" : "least cost";
        var cost = settings.Costs is not { } costs ? ""
            : string.Create(
                CultureInfo.InvariantCulture,
                $"; cost per row {-costs.ProfitPerRow(counts):G4}, with logistic regression "
                + $"{-costs.ProfitPerRow(plain.ConfusionCounts):G4}");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Above probability {threshold.Probability:G3} ({policy}) it finds {metrics.Recall:P0} of the positives, and "
            + $"{metrics.Precision:P0} of its {alerts:G3} alerts per 1,000 rows are right{cost}.");
    }

    private IEnumerable<TuningCandidate> Trees()
    {
        var trainers = mlContext.BinaryClassification.Trainers;
        return TuningCandidate.Grid("FastTree", "leaves", [8, 32], (w, leaves)
            => features.Plain().Append(trainers.FastTree(features.Label, features.Features, w, numberOfLeaves: leaves)))
            .Append(new("FastTree", w => features.Plain().Append(trainers.FastTree(features.Label, features.Features, w)))
            {
                ClassWeighting = ClassWeighting.Balanced,
            });
    }

    private IReadOnlyList<TuningCandidate> KernelLines() => TuningCandidate.Grid(Kernel, "penalty", [1e-4, 1e-7], (w, penalty)
        => features.Kernel(settings.Rank).Append(mlContext.BinaryClassification.Trainers.FocalSgd(new FocalSgdBinaryTrainer.Options
        {
            LabelColumnName = features.Label,
            FeatureColumnName = features.Features,
            ExampleWeightColumnName = w,
            Gamma = 0,
            L2Regularization = penalty,
            Seed = settings.Seed,
        })));
}
