using FocalMlNet.Splits;
using FocalMlNet.Views;
using Microsoft.ML;

namespace FocalMlNet.Tuning;

/// <summary>The folds of one repeat: views of their rows, and which part of the data each row is in.</summary>
internal sealed class TuningFolds
{
    private readonly (SelectedRowsView Train, SelectedRowsView Test)[] _folds;

    private TuningFolds((SelectedRowsView Train, SelectedRowsView Test)[] folds)
    {
        _folds = folds;
        // All views are of the same parts.
        PartOfRow = folds[0].Train.Parts.PartOfRow;
        PartCount = PartOfRow.Max() + 1;
    }

    public int Count => _folds.Length;

    public ushort[] PartOfRow { get; }

    public int PartCount { get; }

    /// <summary>The last byte of each row's class, if it is by this that rows are known again.</summary>
    public byte[]? LabelOfRow(string label)
        => _folds[0].Train.Parts.Marks is { } marks && string.Equals(marks.Column.Name, label, StringComparison.Ordinal)
            ? marks.OfRow : null;

    /// <summary>Deals the rows out.</summary>
    /// <param name="data">The data.</param>
    /// <param name="options">How.</param>
    /// <param name="repeat">How often they have been dealt out before.</param>
    /// <exception cref="InvalidOperationException">They cannot be.</exception>
    public static TuningFolds Of(IDataView data, TuningOptions options, int repeat)
    {
        if (options.TimeColumnName is { } time)
        {
            return new([.. TimeOrderedSplitter.CrossValidation(
                data, time, options.NumberOfFolds, options.TimeGap, equalTimeSpans: false, slidingWindow: false, options.LabelColumnName)
                .Select(split => ((SelectedRowsView)split.TrainSet, (SelectedRowsView)split.TestSet))]);
        }

        var seed = unchecked((options.Seed ?? 0) + 1_000_003 * repeat);
        return new([.. StratifiedSplitter.CrossValidation(
            data, null, options.LabelColumnName, options.NumberOfFolds, options.SamplingKeyColumnName, seed)
            .Select(split => ((SelectedRowsView)split.TrainSet, (SelectedRowsView)split.TestSet))]);
    }

    /// <summary>The rows that train, as a view.</summary>
    public IDataView Train(int fold) => _folds[fold].Train;

    /// <summary>The rows that judge, as a view.</summary>
    public IDataView Test(int fold) => _folds[fold].Test;

    /// <summary>The parts whose rows train.</summary>
    public IEnumerable<int> TrainParts(int fold) => Enumerable.Range(0, PartCount).Where(part => _folds[fold].Train.Has((ushort)part));

    /// <summary>The parts whose rows judge.</summary>
    public IEnumerable<int> TestParts(int fold) => Enumerable.Range(0, PartCount).Where(part => _folds[fold].Test.Has((ushort)part));

    /// <summary>The numbers of the rows that judge, in the order of their view.</summary>
    public int[] TestRows(int fold)
    {
        var isTest = new bool[PartCount];
        foreach (var part in TestParts(fold))
            isTest[part] = true;
        return [.. Enumerable.Range(0, PartOfRow.Length).Where(row => isTest[PartOfRow[row]])];
    }
}
