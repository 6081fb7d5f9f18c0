using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using static Microsoft.ML.BinaryClassificationCatalog;
using static Microsoft.ML.MulticlassClassificationCatalog;

namespace FocalMlNet.Training;

/// <summary>
/// Warns on <see cref="MLContext.Log"/> of rows that were skipped, in the words of the stock trainers. A message can be sent by whoever
/// holds the context, but a trainer holds a catalog only, from which no public way leads there. So a stock trainer of the same catalog is
/// given as many rows that it must skip: its warning is true of ours. They are of one feature and read once.
/// </summary>
internal static class SkippedRows
{
    private const string Label = "Label";
    private const string Features = "Features";

    /// <summary>Warns of a number of rows, if it is not 0.</summary>
    public static void Warn(BinaryClassificationTrainers trainers, long count)
    {
        if (count == 0)
            return;
        trainers.LbfgsLogisticRegression(new LbfgsLogisticRegressionBinaryTrainer.Options
        {
            LabelColumnName = Label,
            FeatureColumnName = Features,
            L1Regularization = 0,
            MaximumNumberOfIterations = 1,
            NumberOfThreads = 1,
        }).Fit(new View<bool>(BooleanDataViewType.Instance, false, true, count));
    }

    /// <summary>Warns of a number of rows, if it is not 0.</summary>
    public static void Warn(MulticlassClassificationTrainers trainers, long count)
    {
        if (count == 0)
            return;
        trainers.LbfgsMaximumEntropy(new LbfgsMaximumEntropyMulticlassTrainer.Options
        {
            LabelColumnName = Label,
            FeatureColumnName = Features,
            L1Regularization = 0,
            MaximumNumberOfIterations = 1,
            NumberOfThreads = 1,
        }).Fit(new View<uint>(new KeyDataViewType(typeof(uint), 2), 1u, 2u, count));
    }

    /// <summary>A row of each class, and once, when the trainer counts, rows without a feature before them.</summary>
    private sealed class View<TLabel> : IDataView
    {
        private readonly TLabel _first;
        private readonly TLabel _second;
        private long _missing;

        public View(DataViewType label, TLabel first, TLabel second, long missing)
        {
            (_first, _second, _missing) = (first, second, missing);
            var builder = new DataViewSchema.Builder();
            builder.AddColumn(Label, label);
            builder.AddColumn(Features, new VectorDataViewType(NumberDataViewType.Single, 1));
            Schema = builder.ToSchema();
        }

        public DataViewSchema Schema { get; }

        public bool CanShuffle => false;

        public long? GetRowCount() => null;

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
            => new Cursor(this, Interlocked.Exchange(ref _missing, 0), columnsNeeded.Select(c => c.Index).ToHashSet());

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
            => [GetRowCursor(columnsNeeded, rand)];

        private sealed class Cursor(View<TLabel> view, long missing, HashSet<int> active) : DataViewRowCursor
        {
            private static readonly VBuffer<float>[] Values = [new(1, [float.NaN]), new(1, [-1f]), new(1, [1f])];

            private long _position = -1;

            public override long Position => _position;

            public override long Batch => 0;

            public override DataViewSchema Schema => view.Schema;

            public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

            public override bool MoveNext()
            {
                if (_position + 1 == missing + 2)
                    return false;
                _position++;
                return true;
            }

            public override ValueGetter<DataViewRowId> GetIdGetter()
                => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, 0);

            public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
            {
                ValueGetter<TLabel> getLabel = (ref TLabel value) => value = _position > missing ? view._second : view._first;
                ValueGetter<VBuffer<float>> getFeatures =
                    (ref VBuffer<float> value) => Values[Math.Max(0, _position - missing + 1)].CopyTo(ref value);
                return (column.Index == 0 ? getLabel : (Delegate)getFeatures) as ValueGetter<TValue>
                    ?? throw new InvalidOperationException($"Column '{column.Name}' is of type {column.Type}, not {typeof(TValue)}.");
            }
        }
    }
}
