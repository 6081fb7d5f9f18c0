using FocalMlNet.Tool.Printing;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tool.Training;

/// <summary>Several classes.</summary>
internal sealed class MulticlassTraining(MLContext mlContext, TrainSettings settings, FeaturePipeline features, LabelClasses label)
    : ITraining
{
    private const string Baseline = "multinomial logistic";

    private MulticlassTuningResult? _tuning;
    private ModelComparison<ImbalancedMulticlassMetrics>? _comparison;
    private ITransformer? _model;

    /// <summary>The tuned model, with the names of classes for their numbers at the end.</summary>
    public ITransformer Model => _model!;

    /// <summary>Without the names: the graph gives the number of the class, in the order of the names.</summary>
    public ITransformer Exported => _tuning!.Model;

    public IReadOnlyList<string> ExportedColumns => ["Score", "PredictedLabel"];

    public string? OtherExport => null;

    public void WritePage(string path, IReadOnlyList<KeyValuePair<string, string>> provenance)
        => new DecisionReport(_comparison!, new()
        {
            Title = label.Column,
            Model = Name,
            Baseline = Baseline,
            Tuning = _tuning,
            Provenance = provenance,
            Seed = settings.Seed,
        }).Save(path);

    private string Name => _tuning!.Chosen.Name;

    public void Run(IDataView train, IDataView test, int folds, Terminal terminal)
    {
        var options = new MulticlassTuningOptions
        {
            LabelColumnName = features.Label,
            FeatureColumnName = features.Features,
            Preparation = features.Standardised(),
            SamplingKeyColumnName = settings.Group is null ? null : features.SplitColumn,
            TimeColumnName = settings.Time is null ? null : features.SplitColumn,
            NumberOfFolds = folds,
            Seed = settings.Seed,
        };
        _tuning = Tuned("Tuning", settings.Quick ? options : options with { Candidates = [.. Trees()] });
        var plain = Tuned("Plain logistic regression", options with { Gammas = [0], ClassWeightings = [ClassWeighting.None] });
        _comparison = terminal.Work("Comparing on held-out rows", _ => mlContext.MulticlassClassification.CompareImbalanced(
            test, [(Name, _tuning.Model), (Baseline, plain.Model)], features.Label,
            options: new() { BootstrapResamples = 1000, Seed = settings.Seed }));
        _model = new TransformerChain<ITransformer>(
            _tuning.Model,
            mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(_tuning.Model.Transform(test)));

        MulticlassTuningResult Tuned(string title, MulticlassTuningOptions what) => terminal.Work(title, progress
            => mlContext.MulticlassClassification.TuneImbalanced(train, what with { Progress = new TuningShare(progress) }));
    }

    public void Print(Terminal terminal)
    {
        var table = new FigureTable(
            "On the held-out rows", "macro AUPRC", "95 % interval", "macro F1", "log-loss", "accuracy", "macro recall", "Brier");
        foreach (var model in _comparison!.Models)
        {
            table.Add(
                model.Name, Figure.Of(model.Metrics.MacroAveragePrecision),
                Figure.Of(_comparison.Interval(model.Name, ComparisonMetric.AveragePrecision)), Figure.Of(model.Metrics.MacroF1Score),
                Figure.Fine(model.Metrics.LogLoss), Figure.Of(model.Metrics.Accuracy), Figure.Of(model.Metrics.MacroRecall),
                Figure.Fine(model.Metrics.BrierScore));
        }

        table.WriteTo(terminal);
        var metrics = _comparison.Models[0].Metrics;
        var classes = new FigureTable("Class", "rows", "recall", "precision", "F1", "AUPRC");
        foreach (var one in metrics.Classes)
        {
            classes.Add(
                one.Name, one.Weight.ToString("N0", System.Globalization.CultureInfo.InvariantCulture), Figure.Of(one.Recall),
                Figure.Of(one.Precision), Figure.Of(one.F1Score), Figure.Of(one.AveragePrecision));
        }

        classes.WriteTo(terminal);
        var difference = _comparison.Difference(Name, Baseline, ComparisonMetric.AveragePrecision);
        terminal.Line($"Model: {Name}, macro AUPRC {Figure.Of(metrics.MacroAveragePrecision)} "
            + $"{Figure.Of(_comparison.Interval(Name, ComparisonMetric.AveragePrecision))} on {metrics.RowCount:N0} held-out rows of "
            + $"{label.Names.Count} classes.");
        terminal.Line($"Gain: macro AUPRC {Figure.Signed(difference.Difference)} {Figure.Of(difference.Interval)} over plain logistic "
            + $"regression ({Figure.P(difference.PValue)}).");
    }

    private IReadOnlyList<TuningCandidate> Trees() => TuningCandidate.Grid("FastTree", "leaves", [8, 32], (w, leaves)
        => features.Plain().Append(mlContext.MulticlassClassification.Trainers.OneVersusAll(
            mlContext.BinaryClassification.Trainers.FastTree(features.Label, features.Features, w, numberOfLeaves: leaves),
            features.Label)));
}
