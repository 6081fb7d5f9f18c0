using System.Globalization;
using System.Text;
using FocalMlNet.Evaluation;
using FocalMlNet.Tuning;
using Microsoft.ML;

namespace FocalMlNet;

/// <summary>
/// What a tuning found. Figures of the chosen candidate are from rows that its models were not trained on, but they are those of the one
/// that was chosen for them: the best of many looks a little better than it is. What it is worth is told by rows that were kept out of the
/// tuning.
/// </summary>
public abstract class TuningResult
{
    private protected TuningResult(TuningOutcome outcome)
    {
        (Model, Chosen, Candidates, OutOfFold) = (outcome.Model, outcome.Chosen, outcome.Candidates, outcome.OutOfFold);
        (Metric, FoldCount, IsPartial, RowsSkipped) = (outcome.Metric, outcome.FoldCount, outcome.IsPartial, outcome.RowsSkipped);
        Conclusions = outcome.Conclusions;
    }

    /// <summary>
    /// The chosen candidate, fitted on all rows: a model of ML.NET's own types, with the <see cref="TuningOptions.Preparation"/> before a
    /// line. An added candidate of two classes that is <see cref="TunedCandidate.IsRecalibrated"/> ends with a stock Platt calibrator,
    /// which makes its Probability of its Score.
    /// </summary>
    public ITransformer Model { get; }

    /// <summary>The chosen candidate's line in <see cref="Candidates"/>.</summary>
    public TunedCandidate Chosen { get; }

    /// <summary>
    /// All candidates, from the simplest to the most complex: lines by γ, class weights and penalty, then the added ones in their order.
    /// </summary>
    public IReadOnlyList<TunedCandidate> Candidates { get; }

    /// <summary>
    /// What the chosen candidate says of each row that judged it, by models that were not trained on that row, in the order of the rows:
    /// the number of the Row and of its Fold, its Label, the Score and, for two classes, the Probability and the PredictedLabel at the
    /// chosen threshold, and its Weight. EvaluateImbalanced, ChooseThreshold and the like take it. With repeats, those of the last. Where
    /// the candidate is recalibrated, the calibrator of a row was fitted on other folds or, by time, on those before: then the rows of the
    /// first fold are left out.
    /// </summary>
    public IDataView OutOfFold { get; }

    /// <summary>What candidates were judged by, in words.</summary>
    public string Metric { get; }

    /// <summary>The folds in which all candidates that were not dropped have been judged.</summary>
    public int FoldCount { get; }

    /// <summary>Whether <see cref="TuningOptions.TimeBudget"/> was over before all folds were judged.</summary>
    public bool IsPartial { get; }

    /// <summary>
    /// Rows that no candidate was judged by, since lines cannot use them: NaN or infinity in the features, or weight NaN.
    /// </summary>
    public long RowsSkipped { get; }

    /// <summary>What follows from the figures, in sentences.</summary>
    public IReadOnlyList<string> Conclusions { get; }

    /// <summary>
    /// A table of the best line of each γ and weighting and of all added candidates, and what follows from it. In the table: the mean of
    /// the metric over the folds; the difference to the best candidate with its standard error and its Holm-adjusted p value; the folds
    /// that the candidate was judged in; seconds. The chosen one is marked with *.
    /// </summary>
    /// <returns>Lines of at most 80 characters, numbers in invariant form.</returns>
    public override string ToString()
    {
        var table = new TextTable("mean", "to best", "error", "p", "folds", "s");
        foreach (var shown in Shown)
        {
            var name = (ReferenceEquals(shown, Chosen) ? "* " : "  ") + shown.ShortName;
            if (shown.Error is not null)
                table.Add(name, "error", "", "", "", "", "");
            else
                table.Add(name, [.. shown.Figures]);
        }

        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Metric}, {FoldCount} folds{(IsPartial ? " (partial)" : "")}\n\n{table}");
        foreach (var line in Details.Concat(Conclusions).SelectMany(sentence => TextTable.Wrapped(sentence).Prepend("")))
            text.Append(line).Append('\n');
        return text.ToString();
    }

    /// <summary>The best line of each γ and weighting, and all added candidates.</summary>
    internal IEnumerable<TunedCandidate> Shown
        => Candidates.GroupBy(c => c.Gamma is null ? c.Name : c.ShortName, StringComparer.Ordinal).Select(
            group => group.Contains(Chosen) ? Chosen
                : group.OrderByDescending(c => c.FoldCount).ThenBy(c => Math.Abs(c.DifferenceToBest)).First());

    /// <summary>What else there is to tell.</summary>
    private protected abstract IEnumerable<string> Details { get; }
}

/// <summary>What a tuning of two classes found.</summary>
/// <inheritdoc path="/summary"/>
public sealed class BinaryTuningResult : TuningResult
{
    internal BinaryTuningResult(
        TuningOutcome outcome, FocalSgdBinaryTrainer.Options? trainerOptions, ThresholdChoice? threshold, bool isThresholdInModel)
        : base(outcome)
        => (TrainerOptions, Threshold, IsThresholdInModel) = (trainerOptions, threshold, isThresholdInModel);

    /// <summary>
    /// The options of <see cref="FocalSgdBinaryTrainer"/> that made the model, if a line was chosen; null otherwise, when
    /// <see cref="TuningResult.Chosen"/> tells the candidate and its settings.
    /// </summary>
    public FocalSgdBinaryTrainer.Options? TrainerOptions { get; }

    /// <summary>
    /// The threshold on the probability, and what it achieves out of fold; null if the chosen candidate has no probabilities, or if no
    /// threshold does there what <see cref="BinaryTuningOptions.ThresholdPolicy"/> demands: then the conclusions say so, and PredictedLabel
    /// of <see cref="TuningResult.OutOfFold"/> is by probability ½.
    /// </summary>
    public ThresholdChoice? Threshold { get; }

    /// <summary>
    /// Whether the model's PredictedLabel goes by <see cref="Threshold"/>. Not if the candidate's last transformer is no stock binary model
    /// with a Platt calibrator, its own or one after it: then the model keeps its own.
    /// </summary>
    public bool IsThresholdInModel { get; }

    private protected override IEnumerable<string> Details => Threshold is { } choice
        ? [FormattableString.Invariant($"Threshold by {choice.Policy}: probability {choice.Probability:G6}")
            + (IsThresholdInModel ? "." : ", which the model does not have: it keeps its own.")]
        : [];
}

/// <summary>What a tuning of several classes found.</summary>
/// <inheritdoc path="/summary"/>
public sealed class MulticlassTuningResult : TuningResult
{
    internal MulticlassTuningResult(TuningOutcome outcome, FocalSgdMulticlassTrainer.Options? trainerOptions)
        : base(outcome)
        => TrainerOptions = trainerOptions;

    /// <summary>
    /// The options of <see cref="FocalSgdMulticlassTrainer"/> that made the model, if a line was chosen; null otherwise, when
    /// <see cref="TuningResult.Chosen"/> tells the candidate and its settings.
    /// </summary>
    public FocalSgdMulticlassTrainer.Options? TrainerOptions { get; }

    private protected override IEnumerable<string> Details => [];
}
