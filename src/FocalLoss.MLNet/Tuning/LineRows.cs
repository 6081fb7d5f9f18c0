using FocalMlNet.Calibration;
using FocalMlNet.Columns;
using FocalMlNet.Matrix;
using Microsoft.ML;

namespace FocalMlNet.Tuning;

/// <summary>What the line candidates of a fold are trained on, and judged by.</summary>
/// <param name="Train">The rows that train.</param>
/// <param name="Test">The rows that judge.</param>
/// <param name="Judged">The same, as they are known to everyone.</param>
internal sealed record FoldMatrix(TrainingData Train, HeldOutRows Test, JudgedRows Judged);

/// <summary>The rows of the line candidates as blocks.</summary>
internal abstract class LineRows
{
    /// <summary>The rows of a fold.</summary>
    /// <param name="fold">The number of the fold.</param>
    /// <param name="parallel">Threads and cancellation of the reading, if that is necessary.</param>
    /// <exception cref="InvalidOperationException">They cannot be trained on, or judge.</exception>
    public abstract FoldMatrix Fold(int fold, ParallelOptions parallel);

    /// <summary>All rows.</summary>
    /// <param name="parallel">Threads and cancellation of the reading, if that is necessary.</param>
    public abstract TrainingData All(ParallelOptions parallel);

    /// <summary>The preparation, fitted on all rows; null without one.</summary>
    public virtual ITransformer? OnAll => null;

    /// <summary>How many rows are left out since they cannot be used.</summary>
    public long RowsSkipped { get; protected set; }

    /// <summary>Gives the memory of the rows back. They are read again if they are asked for after all.</summary>
    public virtual void Release() { }

    /// <summary>
    /// Those of some folds: without a preparation the data is read once, and the folds are made of the same blocks; with one it is read
    /// for each fold.
    /// </summary>
    public static LineRows Of(IDataView data, TuningOptions options, TuningFolds folds, ITuningTask task, ParallelOptions parallel)
        => options.Preparation is { } preparation
            ? new Prepared(data, preparation, options, folds, task) : new Direct(data, options, folds, task, parallel);

    private static RowReader Reader(IDataView view, TuningOptions options, ITuningTask task, ParallelOptions parallel)
    {
        ColumnRole.Features.Check(
            view.Schema, options.FeatureColumnName,
            options.Preparation is null ? "The line candidates need one: Preparation may make it." : "Preparation should make it.");
        return new(
            view, options.LabelColumnName, options.FeatureColumnName, options.ExampleWeightColumnName,
            outputCount: task.Formulation.OutputCount(LabelReader.ClassCount(view.Schema[options.LabelColumnName])), parallel: parallel);
    }

    private static FoldMatrix Matrix(int fold, RowBlock[] train, RowBlock[] test, int[] rows, int classCount)
    {
        if (train.Length == 0 || test.Length == 0)
        {
            throw new InvalidOperationException($"Fold {fold + 1} has no usable row to {(train.Length == 0 ? "train on" : "judge by")}: "
                + "all have NaN or infinity in the features, or weight 0 or NaN.");
        }

        var data = TrainingData.Of(train, classCount);
        var heldOut = new HeldOutRows(test);
        var present = heldOut.Labels.Distinct().Count();
        if (!data.Totals.AreSeveral || present < 2)
        {
            var (what, count) = data.Totals.AreSeveral ? ("judge by", present) : ("train on", data.Totals.Weights.Count(w => w > 0));
            throw new InvalidOperationException($"Fold {fold + 1} has usable rows with a weight above 0 of {count} class only to {what}, "
                + "but it should have some of two or more: use fewer folds.");
        }

        return new(data, heldOut, new(rows, heldOut.Labels, heldOut.Weights));
    }

    /// <summary>The folds as parts of one matrix.</summary>
    private sealed class Direct : LineRows
    {
        private readonly Func<ParallelOptions, (List<RowBlock> Blocks, List<int> Rows)[]> _read;
        private readonly TuningFolds _folds;
        private int _classCount;
        private (List<RowBlock> Blocks, List<int> Rows)[]? _parts;

        public Direct(IDataView data, TuningOptions options, TuningFolds folds, ITuningTask task, ParallelOptions parallel)
        {
            _folds = folds;
            _read = reading =>
            {
                var reader = Reader(data, options, task, reading);
                _classCount = reader.ClassCount;
                var parts = reader.ReadParts(
                    folds.PartOfRow, folds.PartCount, "The data has other rows than when it was split. Data that is split must give the "
                    + "same rows in the same order each time.", folds.LabelOfRow(options.LabelColumnName));
                RowsSkipped = reader.RowsSkipped;
                return parts;
            };
            _parts = _read(parallel);
        }

        public override FoldMatrix Fold(int fold, ParallelOptions parallel)
        {
            var parts = Parts(parallel);
            int[] test = [.. _folds.TestParts(fold)];
            return Matrix(
                fold, [.. _folds.TrainParts(fold).SelectMany(part => parts[part].Blocks)],
                [.. test.SelectMany(part => parts[part].Blocks)], [.. test.SelectMany(part => parts[part].Rows)], _classCount);
        }

        public override TrainingData All(ParallelOptions parallel)
            => TrainingData.Of([.. Parts(parallel).SelectMany(part => part.Blocks)], _classCount);

        public override void Release() => _parts = null;

        private (List<RowBlock> Blocks, List<int> Rows)[] Parts(ParallelOptions parallel) => _parts ??= _read(parallel);
    }

    /// <summary>The folds as a preparation makes them that is fitted on the rows that train.</summary>
    private sealed class Prepared(
        IDataView data, IEstimator<ITransformer> preparation, TuningOptions options, TuningFolds folds, ITuningTask task) : LineRows
    {
        /// <summary>Of each fold, which may be read again.</summary>
        private readonly long[] _skipped = new long[folds.Count];

        /// <summary>
        /// As it was fitted in each fold, and last on all rows: one that draws at random, as a kernel map does, is another one each time.
        /// </summary>
        private readonly ITransformer?[] _fitted = new ITransformer?[folds.Count + 1];

        public override FoldMatrix Fold(int fold, ParallelOptions parallel)
        {
            var fitted = _fitted[fold] ??= preparation.Fit(folds.Train(fold));
            var train = Reader(fitted.Transform(folds.Train(fold)), options, task, parallel);
            var test = Reader(fitted.Transform(folds.Test(fold)), options, task, parallel);
            var rows = folds.TestRows(fold);
            var judging = test.ReadParts(
                new ushort[rows.Length], 1,
                "Preparation leaves rows out, or adds some: candidates could not be judged by the same rows.")[0];
            _skipped[fold] = test.RowsSkipped;
            RowsSkipped = _skipped.Sum();
            return Matrix(fold, [.. train.Read()], [.. judging.Blocks], [.. judging.Rows.Select(row => rows[row])], train.ClassCount);
        }

        public override ITransformer OnAll => _fitted[^1] ??= preparation.Fit(data);

        public override TrainingData All(ParallelOptions parallel)
        {
            var reader = Reader(OnAll.Transform(data), options, task, parallel);
            return TrainingData.Of([.. reader.Read()], reader.ClassCount);
        }
    }
}
