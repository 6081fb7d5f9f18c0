using FocalMlNet.Columns;
using FocalMlNet.Views;
using Microsoft.ML;

namespace FocalMlNet;

/// <summary>Settings that all FocalSgd trainers have. Immutable; a value outside its range is refused when the trainer is made.</summary>
public abstract record FocalSgdOptions
{
    private protected FocalSgdOptions() { }

    /// <summary>
    /// Name of the label column: for two classes of type Boolean, where true is the positive class; for several a key. Default: Label.
    /// </summary>
    public string LabelColumnName { get; init; } = "Label";

    /// <summary>Name of the feature column, of type Vector&lt;Single&gt; with a known size. Default: Features.</summary>
    public string FeatureColumnName { get; init; } = "Features";

    /// <summary>Name of the example weight column, of type Single with values in [0; 1e30], or null, the default, for weight 1.</summary>
    public string? ExampleWeightColumnName { get; init; }

    /// <summary>
    /// Name of a column of any scalar type whose values say which rows belong together, such as those of one patient or machine; null, the
    /// default, for none. Rows of one value are never on both sides where rows judge a model that others have trained: when a penalty is
    /// chosen, and when rows are held out for early stopping or Platt scaling, of each run of groups, then, instead of rows. Rows without a
    /// value (a key of 0, an empty text) are one group.
    /// </summary>
    public string? SamplingKeyColumnName { get; init; }

    /// <summary>
    /// The focusing parameter γ of the loss, in [0; 50]. 0 is logistic regression. The loss falls by about half with each unit of γ, so
    /// that a penalty weighs ever more: above 20 choose <see cref="L2Regularization"/>, too. A number or, for a γ that changes in the
    /// course of the training, a schedule: what is minimised in the end is the loss with its γ at progress 1, those before lead the way
    /// there. Default: 2.
    /// </summary>
    public GammaSchedule Gamma { get; init; } = 2;

    /// <summary>
    /// Class weights from the class frequencies of the training data. They multiply the loss of an example, on top of its weight. Default:
    /// none.
    /// </summary>
    public ClassWeighting ClassWeighting { get; init; } = ClassWeighting.None;

    /// <summary>
    /// What makes the scores log-odds, so that the probabilities of the model are. Default: <see cref="CalibrationMethod.Focal"/>.
    /// </summary>
    public CalibrationMethod Calibration { get; init; } = CalibrationMethod.Focal;

    /// <summary>
    /// The weight λ of the L2 penalty (λ/2) ‖weights‖², in [0; +∞). Null, the default, lets the trainer choose the one that predicts rows
    /// best that were left out of training. Multiplying all features by a constant changes no prediction then; that features have
    /// comparable units, as a normaliser makes them, still matters. <see cref="Completed"/> tells what was chosen.
    /// </summary>
    public double? L2Regularization { get; init; }

    /// <summary>
    /// The most passes over the data, at least 1; training ends before where <see cref="ConvergenceTolerance"/> is met, as a rule after
    /// fewer than ten. The first pass is where a sample of the rows has led or, with few rows or with more than 512 features, where
    /// training begins: then 1 leaves the model as it begins. Default: 100.
    /// </summary>
    public int NumberOfIterations { get; init; } = 100;

    /// <summary>
    /// Training ends when the objective is estimated to be above its minimum by no more than this share of its value at the start; in [0;
    /// 1). With 0 it goes on until rounding hides any progress. Default: 1e-4.
    /// </summary>
    public double ConvergenceTolerance { get; init; } = 1e-4;

    /// <summary>
    /// Null, the default: the trainer finds its own steps. A number in (0; +∞): plain averaged mini-batch SGD for
    /// <see cref="NumberOfIterations"/> passes, with this first step size, which falls linearly to 0. Features are standardised within, so
    /// that their units do not matter to it.
    /// </summary>
    public double? LearningRate { get; init; }

    /// <summary>
    /// Threads to use, at least 1, or null, the default, for as many as there are processors. The model does not depend on it.
    /// </summary>
    public int? NumberOfThreads { get; init; }

    /// <summary>
    /// Whether stochastic steps visit rows in random order instead of that of the data. With a <see cref="LearningRate"/>, rows change
    /// places within windows of 65,536 rows or 2 million values: shuffle larger data that is sorted by class before. Default: true.
    /// </summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>
    /// Seed of all that is random. The same seed on the same data gives the same model, to the bit. Null, the default, is 0: a trainer
    /// cannot see the seed of its context.
    /// </summary>
    public int? Seed { get; init; }

    /// <summary>
    /// Bytes the training data may take in memory, above 0. What exceeds it is written once to a temporary file and read from there:
    /// somewhat slower, with the same model, to the bit. Rows that are held out stay in memory in any case, and for the choice of a penalty
    /// up to 50,000 rows are copied. Null, the default, is half of the memory that is available to the process.
    /// </summary>
    public long? MemoryBudget { get; init; }

    /// <summary>
    /// The folder for the temporary file of what exceeds <see cref="MemoryBudget"/>: it has to be there, with room for 4 bytes a feature
    /// value (8 for one of sparse rows) and up to 16 a row. Only the owner can read the file (on Windows, who may read the folder), and it
    /// is gone after the fit, whatever ends it. Null, the default, is the system's folder for temporary files.
    /// </summary>
    public string? SpillFolder { get; init; }

    /// <summary>When to stop before convergence, judged on held-out rows. Null, the default, for never.</summary>
    public EarlyStopping? EarlyStopping { get; init; }

    /// <summary>Is told how training stands after each pass over the data. Default: null, no one.</summary>
    public IProgress<FocalSgdProgress>? Progress { get; init; }

    /// <summary>Is told how training ended: the penalty, the passes, and whether it converged. Default: null, no one.</summary>
    public Action<FocalSgdOutcome>? Completed { get; init; }

    /// <summary>
    /// Receives a line of text for what is worth knowing about a run, such as the number of rows skipped. Default: null, no one. Of skipped
    /// rows <see cref="MLContext.Log"/> is warned besides, in the words of the stock trainers; other lines cannot be sent there.
    /// </summary>
    public Action<string>? Log { get; init; }

    /// <summary>
    /// Ends a trainer's Fit with an <see cref="OperationCanceledException"/>: while data is read at the next row, or a second later where a
    /// row takes longer or a stock transform reads ahead; that row may then still be under way. Default: none.
    /// </summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Several views as one, in which the columns that are named here are alike.</summary>
    internal IDataView Append(IReadOnlyList<IDataView> inputs)
    {
        string?[] names = [LabelColumnName, FeatureColumnName, ExampleWeightColumnName, SamplingKeyColumnName];
        return new AppendedRowsView(inputs, names.OfType<string>());
    }

    /// <summary>Refuses values outside their ranges.</summary>
    internal virtual void Validate()
    {
        Guard.NotEmpty(LabelColumnName);
        Guard.NotEmpty(FeatureColumnName);
        if (ExampleWeightColumnName is not null)
            Guard.NotEmpty(ExampleWeightColumnName);
        if (SamplingKeyColumnName is not null)
            Guard.NotEmpty(SamplingKeyColumnName);
        Guard.OtherColumn(LabelColumnName, nameof(LabelColumnName), SamplingKeyColumnName);
        Guard.NotNull(Gamma);
        Guard.NotNull(ClassWeighting);
        Guard.Defined(Calibration);
        if (L2Regularization is { } l2)
            Guard.NotNegative(l2, nameof(L2Regularization));
        Guard.AtLeast(1, NumberOfIterations);
        Guard.UnitIntervalBelowOne(ConvergenceTolerance);
        if (LearningRate is { } rate)
            Guard.Positive(rate, nameof(LearningRate));
        if (NumberOfThreads is { } threads)
            Guard.AtLeast(1, threads, nameof(NumberOfThreads));
        if (MemoryBudget is { } budget)
            Guard.Positive(budget, nameof(MemoryBudget));
        if (SpillFolder is not null)
            Guard.NotEmpty(SpillFolder, nameof(SpillFolder));
        if (EarlyStopping is not { } stopping)
            return;
        Guard.Between(0, .5, stopping.HoldOutShare, "EarlyStopping.HoldOutShare");
        Guard.AtLeast(1, stopping.Patience, "EarlyStopping.Patience");
        Guard.Defined(stopping.Metric, "EarlyStopping.Metric");
    }

    /// <summary>Refuses columns that are missing or of the wrong type, or that the options do not fit.</summary>
    internal abstract void Check(DataViewSchema schema);

    private protected void Check(DataViewSchema schema, ColumnRole label)
    {
        label.Check(schema, LabelColumnName);
        ColumnRole.Features.Check(schema, FeatureColumnName);
        ColumnRole.Weight.CheckNamed(schema, ExampleWeightColumnName);
        ColumnRole.SamplingKey.CheckNamed(schema, SamplingKeyColumnName);
    }
}
