using System.Globalization;
using FocalMlNet.Tool.Printing;
using Microsoft.ML;

namespace FocalMlNet.Tool.Training;

/// <summary>Two classes.</summary>
internal sealed class BinaryTraining(MLContext mlContext, TrainSettings settings, FeaturePipeline features, LabelClasses label)
    : Training(settings, features, label)
{
    private const string Kernel = "kernel features";

    private BinaryTuningResult? _tuning;
    private BinaryTuningResult? _exported;
    private ModelComparison<ImbalancedBinaryMetrics>? _comparison;

    public override ITransformer Model => _tuning!.Model;

    public override ITransformer Exported => (_exported ?? _tuning)!.Model;

    public override IReadOnlyList<string> ExportedColumns => ["Score", "Probability", "PredictedLabel"];

    public override string? OtherExport => _exported is null ? null : _exported.TrainerOptions is null ? "trees" : "lines";

    protected override string Baseline => "logistic regression";

    protected override TuningResult Tuning => _tuning!;

    public override void Run(IDataView train, IDataView test, int folds, Terminal terminal)
    {
        var options = Common(new BinaryTuningOptions { Profit = Settings.Costs }, folds);
        var full = Settings.Quick ? options : options with { Candidates = [.. Trees(), .. KernelLines()] };
        _tuning = Tuned("Tuning", full);
        var plain = Tuned("Plain logistic regression", Plain(options));
        if (Name.StartsWith(Kernel, StringComparison.Ordinal))
            _exported = Tuned("Tuning what ONNX can express", full with { Candidates = [.. Trees()] });

        List<(string, ITransformer)> models = [(Name, Model), (Baseline, plain.Model)];
        if (_exported is not null && !models.Exists(m => m.Item1 == _exported.Chosen.Name))
            models.Add((_exported.Chosen.Name, _exported.Model));
        _comparison = terminal.Work("Comparing on held-out rows", _ => mlContext.BinaryClassification.CompareImbalanced(
            test, models, Features.Label, costs: Settings.Costs ?? CostMatrix.OfMissCost(20), options: Judging));

        BinaryTuningResult Tuned(string title, BinaryTuningOptions what)
            => Tuned<BinaryTuningOptions, BinaryTuningResult>(
                title, what, given => mlContext.BinaryClassification.TuneImbalanced(train, given), terminal);
    }

    public override void Print(Terminal terminal)
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
        terminal.Line($"Gain: {Gain()} {Threshold(metrics, plain)}".TrimEnd());
    }

    protected override DecisionReport Report(DecisionReportOptions options)
        => new(_comparison!, options with { Costs = Settings.Costs });

    private string Gain()
    {
        if (_tuning!.Chosen is { Gamma: 0 } line && line.ClassWeighting == ClassWeighting.None)
            return "none over plain logistic regression, which it is: nothing tried was better by more than chance.";
        return Gain("AUPRC", _comparison!.Difference(Name, Baseline, ComparisonMetric.AveragePrecision));
    }

    private string Threshold(ImbalancedBinaryMetrics metrics, ImbalancedBinaryMetrics plain)
    {
        if (_tuning!.Threshold is not { } threshold)
            return "";
        var counts = metrics.ConfusionCounts;
        var alerts = 1000 * (counts.TruePositives + counts.FalsePositives) / metrics.RowCount;
        var policy = Settings.Costs is null ? "highest F1" : "least cost";
        var cost = Settings.Costs is not { } costs ? ""
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
            => Features.Plain().Append(trainers.FastTree(Features.Label, Features.Features, w, numberOfLeaves: leaves)))
            .Append(new("FastTree", w => Features.Plain().Append(trainers.FastTree(Features.Label, Features.Features, w)))
            {
                ClassWeighting = ClassWeighting.Balanced,
            });
    }

    private IReadOnlyList<TuningCandidate> KernelLines() => TuningCandidate.Grid(Kernel, "penalty", [1e-4, 1e-7], (w, penalty)
        => Features.Kernel(Settings.Rank).Append(mlContext.BinaryClassification.Trainers.FocalSgd(new FocalSgdBinaryTrainer.Options
        {
            LabelColumnName = Features.Label,
            FeatureColumnName = Features.Features,
            ExampleWeightColumnName = w,
            Gamma = 0,
            L2Regularization = penalty,
            Seed = Settings.Seed,
        })));
}
