using FocalMlNet.Tool.Printing;
using Microsoft.ML;

namespace FocalMlNet.Tool.Training;

/// <summary>Tuning, comparison and page of a table; what two classes and several do differently is in what derives from it.</summary>
internal abstract class Training(TrainSettings settings, FeaturePipeline features, LabelClasses label)
{
    /// <summary>The tuned model: from the columns of the file to a prediction.</summary>
    public abstract ITransformer Model { get; }

    /// <summary>What goes into the ONNX file.</summary>
    public abstract ITransformer Exported { get; }

    /// <summary>The columns that the ONNX graph gives.</summary>
    public abstract IReadOnlyList<string> ExportedColumns { get; }

    /// <summary>A word for what goes into the ONNX file if it is not <see cref="Model"/>, or null.</summary>
    public virtual string? OtherExport => null;

    /// <summary>The model that everything is compared with.</summary>
    protected abstract string Baseline { get; }

    /// <summary>What the tuning found.</summary>
    protected abstract TuningResult Tuning { get; }

    protected TrainSettings Settings => settings;

    protected FeaturePipeline Features => features;

    protected LabelClasses Label => label;

    /// <summary>The name of the tuned model.</summary>
    protected string Name => Tuning.Chosen.Name;

    protected EvaluationOptions Judging => new() { BootstrapResamples = 1000, Seed = settings.Seed };

    /// <summary>Tunes on the rows that train, and compares on those that were held out.</summary>
    public abstract void Run(IDataView train, IDataView test, int folds, Terminal terminal);

    /// <summary>Writes the page.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="provenance">How it was made.</param>
    public void WritePage(string path, IReadOnlyList<KeyValuePair<string, string>> provenance) => Report(new()
    {
        Title = label.Title,
        Model = Name,
        Baseline = Baseline,
        Tuning = Tuning,
        Provenance = provenance,
        Seed = settings.Seed,
    }).Save(path);

    /// <summary>Prints what matters.</summary>
    public abstract void Print(Terminal terminal);

    protected abstract DecisionReport Report(DecisionReportOptions options);

    /// <summary>What each tuning of the table is given, in options that are particular to the number of classes.</summary>
    protected T Common<T>(T options, int folds)
        where T : TuningOptions
        => options with
        {
            LabelColumnName = features.Label,
            FeatureColumnName = features.Features,
            Preparation = features.Standardised(),
            SamplingKeyColumnName = settings.Group is null ? null : features.SplitColumn,
            TimeColumnName = settings.Time is null ? null : features.SplitColumn,
            NumberOfFolds = folds,
            Seed = settings.Seed,
        };

    /// <summary>The tuning of the model that everything is compared with.</summary>
    protected static T Plain<T>(T options)
        where T : TuningOptions
        => options with { Gammas = [0], ClassWeightings = [ClassWeighting.None] };

    /// <summary>Tunes while the progress is shown.</summary>
    protected static TResult Tuned<T, TResult>(string title, T options, Func<T, TResult> tune, Terminal terminal)
        where T : TuningOptions
        => terminal.Work(title, progress => tune(options with { Progress = new TuningShare(progress) }));

    /// <summary>What the average precision gains over the baseline, with what that is called.</summary>
    protected static string Gain(string figure, ModelDifference difference)
        => $"{figure} {Figure.Signed(difference.Difference)} {Figure.Of(difference.Interval)} over plain logistic regression "
            + $"({Figure.P(difference.PValue)}).";
}
