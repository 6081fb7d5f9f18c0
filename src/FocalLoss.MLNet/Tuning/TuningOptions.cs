using Microsoft.ML;

namespace FocalMlNet;

/// <summary>
/// What TuneImbalanced tries and how it compares. Immutable; a value outside its range is refused before anything is read.
/// </summary>
public abstract record TuningOptions
{
    private protected TuningOptions() { }

    /// <summary>Name of the label column: for two classes of type Boolean, for several a key of UInt32. Default: Label.</summary>
    public string LabelColumnName { get; init; } = "Label";

    /// <summary>
    /// Name of the feature column of the line candidates, of type Vector&lt;Single&gt; with a known size; <see cref="Preparation"/> may
    /// make it. Default: Features.
    /// </summary>
    public string FeatureColumnName { get; init; } = "Features";

    /// <summary>
    /// Name of the example weight column, of type Single with values in [0; 1e30]: candidates are trained and judged with it. Null, the
    /// default, for weight 1.
    /// </summary>
    public string? ExampleWeightColumnName { get; init; }

    /// <summary>
    /// Name of a scalar column of any type whose values say which rows belong together: they are in one fold. Null, the default, for none.
    /// </summary>
    public string? SamplingKeyColumnName { get; init; }

    /// <summary>
    /// Name of a column of times (DateTime, DateTimeOffset, TimeSpan or any number) by which the folds are ordered: each judges models that
    /// are trained on rows that are older, of which the last fold has most. Null, the default: the folds are random, and have their
    /// share of each class.
    /// </summary>
    public string? TimeColumnName { get; init; }

    /// <summary>
    /// With <see cref="TimeColumnName"/>: how much time lies at least between rows that train and rows that judge, a TimeSpan or, for a
    /// column of numbers, a number. Default: none.
    /// </summary>
    public TimeGap TimeGap { get; init; }

    /// <summary>
    /// The folds, from 2 to 65,536 (by time 32,767), and no more than there are rows of the rarest class. By time the rows are cut into one
    /// part more than there are folds, as the oldest only train. Default: 5.
    /// </summary>
    public int NumberOfFolds { get; init; } = 5;

    /// <summary>
    /// How often the rows are dealt into folds anew, at least 1 (and by time no more): each time all is trained and judged once more.
    /// Default: 1.
    /// </summary>
    public int NumberOfRepeats { get; init; } = 1;

    /// <summary>
    /// Values of γ for the line candidates, each in [0; 50], at least one. 0 is tried in any case. Default: 0, .5, 1, 2, 3, 5.
    /// </summary>
    public IReadOnlyList<double> Gammas { get; init; } = [0, .5, 1, 2, 3, 5];

    /// <summary>
    /// Class weights for the line candidates, at least one. <see cref="ClassWeighting.None"/> is tried in any case. Default: None,
    /// SquareRootBalanced, Balanced.
    /// </summary>
    public IReadOnlyList<ClassWeighting> ClassWeightings { get; init; } =
        [ClassWeighting.None, ClassWeighting.SquareRootBalanced, ClassWeighting.Balanced];

    /// <summary>
    /// Weights λ of the L2 penalty for the line candidates, each in [0; +∞), at least one. Null, the default: for each γ and weighting a
    /// path from a penalty that leaves all features together one degree of freedom down to one that decides nothing, by factors of √10.
    /// </summary>
    public IReadOnlyList<double>? L2Regularizations { get; init; }

    /// <summary>
    /// What comes before the line candidates, such as a normaliser, a kernel map or a one-hot encoding: it is fitted in each fold on the
    /// rows that train, and never sees those that judge, and once more on all rows for the model. One that draws at random, as a kernel map
    /// does, gives the same result again only if it has a seed of its own. Null, the default, for nothing.
    /// </summary>
    public IEstimator<ITransformer>? Preparation { get; init; }

    /// <summary>Other candidates: any trainers or whole pipelines, each under a name of its own. Default: none.</summary>
    public IReadOnlyList<TuningCandidate> Candidates { get; init; } = [];

    /// <summary>
    /// What decisions bring in and cost. If it is given, candidates are judged by the profit per row of the decisions that are best by
    /// their probabilities, instead of by a metric. Null, the default, for none.
    /// </summary>
    public CostMatrix? Profit { get; init; }

    /// <summary>
    /// How long the comparison may take, above zero; null, the default, for as long as it takes. When it is over, the choice is made from
    /// the folds that are complete, and marked as partial; an added candidate that is being fitted is waited for, and the fit of the chosen
    /// one on all rows comes on top.
    /// </summary>
    public TimeSpan? TimeBudget { get; init; }

    /// <summary>Is told how the comparison stands, from several threads but not at the same time. Default: null, no one.</summary>
    public IProgress<TuningProgress>? Progress { get; init; }

    /// <summary>
    /// Ends the tuning with an <see cref="OperationCanceledException"/>; an added candidate that is being fitted is waited for. Default:
    /// none.
    /// </summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>
    /// Seed of the folds. The same seed on the same data gives the same result as far as the added candidates do. Null, the default, is 0.
    /// </summary>
    public int? Seed { get; init; }

    /// <summary>
    /// Threads for the line candidates, at least 1, or null, the default, for as many as there are processors. The result does not depend
    /// on it. Added candidates are fitted one after the other, on the threads that they take.
    /// </summary>
    public int? NumberOfThreads { get; init; }

    /// <summary>Receives a line of text for what is worth knowing, such as a candidate that dropped out. Default: null, no one.</summary>
    public Action<string>? Log { get; init; }

    /// <summary>Whether candidates that are clearly worse drop out.</summary>
    internal bool Races { get; init; } = true;

    internal ParallelOptions Parallel(CancellationToken cancellation) => new()
    {
        MaxDegreeOfParallelism = NumberOfThreads ?? Environment.ProcessorCount,
        CancellationToken = cancellation,
    };

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
        CheckTime();
        Guard.Folds(NumberOfFolds);
        Guard.AtLeast(1, NumberOfRepeats);
        Guard.AtLeastElements(1, Guard.NotNull(Gammas).Count, nameof(Gammas));
        Guard.Gammas(Gammas);
        Guard.AtLeastElements(1, Guard.NotNull(ClassWeightings).Count, nameof(ClassWeightings));
        for (var i = 0; i < ClassWeightings.Count; i++)
            Guard.NotNull(ClassWeightings[i], $"{nameof(ClassWeightings)}[{i}]");
        for (var i = 0; i < L2Regularizations?.Count; i++)
            Guard.NotNegative(L2Regularizations[i], $"{nameof(L2Regularizations)}[{i}]");
        if (L2Regularizations is not null)
            Guard.AtLeastElements(1, L2Regularizations.Count, nameof(L2Regularizations));
        if (TimeBudget is { } budget)
            Guard.Positive(budget.TotalSeconds, nameof(TimeBudget));
        if (NumberOfThreads is { } threads)
            Guard.AtLeast(1, threads, nameof(NumberOfThreads));
        Guard.NotNull(Candidates);
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < Candidates.Count; i++)
        {
            var candidate = Guard.NotNull(Candidates[i], $"{nameof(Candidates)}[{i}]");
            Guard.Compatible(
                !string.IsNullOrEmpty(candidate.Name), $"Candidates[{i}] has no name.", nameof(Candidates));
            Guard.NotNull(candidate.Estimator, $"{nameof(Candidates)}[{i}].{nameof(candidate.Estimator)}");
            Guard.NotNull(candidate.Settings, $"{nameof(Candidates)}[{i}].{nameof(candidate.Settings)}");
            var name = candidate.FullName;
            Guard.Compatible(
                names.Add(name), $"Two of the Candidates are '{name}', but each should have a name or settings of its own.",
                nameof(Candidates));
        }
    }

    private void CheckTime()
    {
        if (TimeColumnName is null)
        {
            Guard.Compatible(TimeGap.IsNone, $"TimeGap = {TimeGap}, but there is no TimeColumnName.", nameof(TimeGap));
            return;
        }

        Guard.NotEmpty(TimeColumnName);
        Guard.OtherColumn(LabelColumnName, nameof(LabelColumnName), TimeColumnName);
        Guard.Compatible(
            SamplingKeyColumnName is null, "SamplingKeyColumnName and TimeColumnName are given, but folds are made by one of them.",
            nameof(SamplingKeyColumnName));
        Guard.Compatible(
            NumberOfRepeats == 1, $"NumberOfRepeats = {NumberOfRepeats}, but it should be 1 with TimeColumnName: time has one order only.",
            nameof(NumberOfRepeats));
    }
}

/// <summary>What TuneImbalanced tries and how it compares, for two classes.</summary>
public sealed record BinaryTuningOptions : TuningOptions
{
    /// <summary>
    /// What candidates are judged by; any but <see cref="BinaryMetric.Prevalence"/>. Those that count decisions, such as F1, are taken in
    /// each fold at the threshold that <see cref="ThresholdPolicy"/> finds best there or, without a policy, at probability ½. Default:
    /// average precision.
    /// </summary>
    public BinaryMetric Metric { get; init; } = BinaryMetric.AveragePrecision;

    /// <summary>
    /// What a good threshold is: the returned model has the one that is best on the probabilities of rows that their model was not trained
    /// on. Null, the default, is the threshold that follows from <see cref="TuningOptions.Profit"/> or, without it, the highest F1.
    /// </summary>
    public ThresholdPolicy? ThresholdPolicy { get; init; }

    /// <inheritdoc/>
    internal override void Validate()
    {
        base.Validate();
        Guard.Defined(Metric);
        Guard.Compatible(
            Metric != BinaryMetric.Prevalence, "Metric = Prevalence, but it should be one that a model can do something about.",
            nameof(Metric));
        for (var i = 0; i < ClassWeightings.Count; i++)
        {
            Guard.Compatible(
                ClassWeightings[i].ClassCount is null or 2,
                $"ClassWeightings[{i}] has {ClassWeightings[i].ClassCount} weights, but there are two classes.", nameof(ClassWeightings));
        }

        if (Profit is not null)
            Guard.TwoClasses(Profit, nameof(Profit));
    }
}

/// <summary>What TuneImbalanced tries and how it compares, for several classes.</summary>
public sealed record MulticlassTuningOptions : TuningOptions
{
    /// <summary>What candidates are judged by. Default: macro-averaged average precision.</summary>
    public MulticlassMetric Metric { get; init; } = MulticlassMetric.MacroAveragePrecision;

    /// <summary>How the focal loss of two classes becomes one of several in the line candidates. Default: Softmax.</summary>
    public MulticlassFormulation Formulation { get; init; } = MulticlassFormulation.Softmax;

    /// <inheritdoc/>
    internal override void Validate()
    {
        base.Validate();
        Guard.Defined(Metric);
        Guard.Defined(Formulation);
    }

    /// <summary>Refuses what is given for another number of classes.</summary>
    internal void CheckClassCount(int classCount)
    {
        if (classCount < 2)
        {
            throw new InvalidOperationException(
                $"Label column '{LabelColumnName}' is a key with {classCount} value, but there should be 2 classes at least.");
        }

        for (var i = 0; i < ClassWeightings.Count; i++)
        {
            Guard.Compatible(
                ClassWeightings[i].ClassCount is not { } weights || weights == classCount,
                $"ClassWeightings[{i}] has {ClassWeightings[i].ClassCount} weights, but label column '{LabelColumnName}' has {classCount} "
                + "classes.", nameof(ClassWeightings));
        }

        Guard.Compatible(
            Profit is null || Profit.ClassCount == classCount,
            $"Profit is for {Profit?.ClassCount} classes, but label column '{LabelColumnName}' has {classCount}.", nameof(Profit));
    }
}
