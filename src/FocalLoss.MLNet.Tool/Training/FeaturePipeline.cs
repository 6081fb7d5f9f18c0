using FocalMlNet.Tool.Files;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace FocalMlNet.Tool.Training;

/// <summary>From the columns of a file to features: all that a model needs is in it, so that the raw columns go in.</summary>
internal sealed class FeaturePipeline
{
    private readonly TransformsCatalog _transforms;
    private readonly TrainingTable _table;
    private readonly LabelClasses _label;
    private readonly int _seed;
    private readonly string _numbers;
    private readonly string _incomplete;

    public FeaturePipeline(MLContext mlContext, TrainingTable table, LabelClasses label, int seed)
    {
        (_transforms, _table, _label, _seed) = (mlContext.Transforms, table, label, seed);
        List<string> names = [.. table.Features.Select(c => c.Name)];
        // What the library says of the label, the groups and the times has the names that they have in the file, if no feature has them.
        (Label, SplitColumn) = (Free(label.Column), Free((table.Groups ?? table.Times)?.Name ?? "Split"));
        (_numbers, _incomplete, Features) = (Free("Numbers"), Free("IsMissing"), Free("Features"));

        string Free(string name)
        {
            names.Add(TableColumn.Free(name, names));
            return names[^1];
        }
    }

    /// <summary>The name of the column of features.</summary>
    public string Features { get; }

    /// <summary>The name of the label column.</summary>
    public string Label { get; }

    /// <summary>
    /// Numbers, of which a missing one becomes the mean and is told by a feature of its own, and texts one-hot encoded: for trees.
    /// </summary>
    public IEstimator<ITransformer> Plain()
    {
        string[] numbers = [.. _table.Features.OfType<ValueColumn<float>>().Select(c => c.Name)];
        string[] texts = [.. _table.Features.OfType<TextColumn>().Select(c => c.Name)];
        IEstimator<ITransformer> pipeline = new EstimatorChain<ITransformer>();
        List<string> parts = [];
        if (numbers.Length > 0)
        {
            pipeline = pipeline.Append(_transforms.Concatenate(_numbers, numbers));
            if (_table.Incomplete.Count > 0)
            {
                pipeline = pipeline.Append(_transforms.Concatenate(_incomplete, [.. _table.Incomplete]))
                    .Append(_transforms.IndicateMissingValues(_incomplete))
                    .Append(_transforms.Conversion.ConvertType(_incomplete, outputKind: DataKind.Single));
                parts.Add(_incomplete);
            }

            pipeline = pipeline.Append(
                _transforms.ReplaceMissingValues(_numbers, replacementMode: MissingValueReplacingEstimator.ReplacementMode.Mean));
            parts.Insert(0, _numbers);
        }

        if (texts.Length > 0)
        {
            pipeline = pipeline.Append(_transforms.Categorical.OneHotEncoding([.. texts.Select(t => new InputOutputColumnPair(t))]));
            parts.AddRange(texts);
        }

        return pipeline.Append(_transforms.Concatenate(Features, [.. parts]));
    }

    /// <summary>The same, standardised: for lines.</summary>
    public IEstimator<ITransformer> Standardised()
        => Plain().Append(_transforms.NormalizeMeanVariance(Features, fixZero: false));

    /// <summary>The same, mapped by an approximated Gaussian kernel, with which a line can bend.</summary>
    public IEstimator<ITransformer> Kernel(int rank)
        => Standardised().Append(
            _transforms.ApproximatedKernelMap(Features, rank: rank, generator: new GaussianKernel(.5f), seed: _seed));

    /// <summary>The rows as ML.NET sees them: with the label, and what the split goes by.</summary>
    public TableView View()
    {
        TableColumn classes = _label.Positive is null
            ? new ValueColumn<uint>(
                Label, new KeyDataViewType(typeof(uint), _label.Names.Count), [.. _table.Classes.Select(k => (uint)k + 1)])
            {
                Annotations = KeyNames(_label.Names),
            }
            : new ValueColumn<bool>(Label, BooleanDataViewType.Instance, [.. _table.Classes.Select(k => k == 1)]);
        List<TableColumn> columns = [.. _table.Features, classes];
        foreach (var extra in new[] { _table.Groups, _table.Times })
        {
            if (extra is not null)
                columns.Add(extra with { Name = SplitColumn });
        }

        return new(columns, _table.Rows);
    }

    /// <summary>The name of the column that the split goes by, if there is one.</summary>
    public string SplitColumn { get; }

    /// <summary>The columns that a model asks for, of a file that has no label.</summary>
    public TableView Input()
    {
        var columns = _table.Features.ToArray();
        columns[0] = columns[0] with { Annotations = ModelNotes.Of(_label) };
        return new(columns, 0);
    }


    private static DataViewSchema.Annotations KeyNames(IReadOnlyList<string> names)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        builder.Add(
            "KeyValues", new VectorDataViewType(TextDataViewType.Instance, names.Count),
            (ref VBuffer<ReadOnlyMemory<char>> value) => value = new(names.Count, [.. names.Select(n => n.AsMemory())]));
        return builder.ToAnnotations();
    }
}
