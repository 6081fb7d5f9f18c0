using FocalMlNet.Tool.Printing;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tool.Training;

/// <summary>Several classes.</summary>
internal sealed class MulticlassTraining(MLContext mlContext, TrainSettings settings, FeaturePipeline features, LabelClasses label)
    : Training(settings, features, label)
{
    private MulticlassTuningResult? _tuning;
    private ModelComparison<ImbalancedMulticlassMetrics>? _comparison;
    private ITransformer? _model;

    /// <summary>The tuned model, with the names of classes for their numbers at the end.</summary>
    public override ITransformer Model => _model!;

    /// <summary>Without the names: the graph gives the number of the class, in the order of the names.</summary>
    public override ITransformer Exported => _tuning!.Model;

    public override IReadOnlyList<string> ExportedColumns => ["Score", "PredictedLabel"];

    protected override string Baseline => "multinomial logistic";

    protected override TuningResult Tuning => _tuning!;

    public override void Run(IDataView train, IDataView test, int folds, Terminal terminal)
    {
        var options = Common(new MulticlassTuningOptions(), folds);
        _tuning = Tuned("Tuning", Settings.Quick ? options : options with { Candidates = [.. Trees()] });
        var plain = Tuned("Plain logistic regression", Plain(options));
        _comparison = terminal.Work("Comparing on held-out rows", _ => mlContext.MulticlassClassification.CompareImbalanced(
            test, [(Name, _tuning.Model), (Baseline, plain.Model)], Features.Label, options: Judging));
        _model = new TransformerChain<ITransformer>(
            _tuning.Model,
            mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(_tuning.Model.Transform(test)));

        MulticlassTuningResult Tuned(string title, MulticlassTuningOptions what)
            => Tuned<MulticlassTuningOptions, MulticlassTuningResult>(
                title, what, given => mlContext.MulticlassClassification.TuneImbalanced(train, given), terminal);
    }

    public override void Print(Terminal terminal)
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
        terminal.Line($"Model: {Name}, macro AUPRC {Figure.Of(metrics.MacroAveragePrecision)} "
            + $"{Figure.Of(_comparison.Interval(Name, ComparisonMetric.AveragePrecision))} on {metrics.RowCount:N0} held-out rows of "
            + $"{Label.Names.Count} classes.");
        terminal.Line($"Gain: {Gain("macro AUPRC", _comparison.Difference(Name, Baseline, ComparisonMetric.AveragePrecision))}");
    }

    protected override DecisionReport Report(DecisionReportOptions options) => new(_comparison!, options);

    private IReadOnlyList<TuningCandidate> Trees() => TuningCandidate.Grid("FastTree", "leaves", [8, 32], (w, leaves)
        => Features.Plain().Append(mlContext.MulticlassClassification.Trainers.OneVersusAll(
            mlContext.BinaryClassification.Trainers.FastTree(Features.Label, Features.Features, w, numberOfLeaves: leaves),
            Features.Label)));
}
