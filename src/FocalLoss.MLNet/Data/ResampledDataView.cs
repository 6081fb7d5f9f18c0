using FocalMlNet.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet;

/// <summary>
/// A view in which one class has been thinned out or repeated, for training only. It is a filter: nothing is copied, the classes are counted once when
/// rows are first read, and every reading gives the same rows in the same order, as the data must do.
/// </summary>
/// <remarks>
/// A model that is trained on it gives probabilities of the resampled data, whose log-odds are higher by <see cref="LogOddsShift"/>.
/// <see cref="TrueProbability"/> takes that back for a number, and CorrectPrior of the catalog for a model.
/// </remarks>
public sealed class ResampledDataView : IDataView
{
    private readonly IDataView _source;
    private readonly DataViewSchema.Column _label;
    private readonly int _seed;
    private readonly Lazy<ClassPlan[]> _plans;

    internal ResampledDataView(IDataView source, string labelColumnName, double ratio, int seed, bool repeats)
    {
        (_source, _seed) = (Guard.NotNull(source, "data"), seed);
        _label = ColumnRole.BinaryLabel.Check(source.Schema, Guard.NotEmpty(labelColumnName));
        Guard.PositiveShare(ratio);
        _plans = new(() => Plan(ratio, repeats));
    }

    /// <inheritdoc/>
    public DataViewSchema Schema => _source.Schema;

    /// <summary>Rows keep their order: false.</summary>
    public bool CanShuffle => false;

    /// <summary>Rows of class true here for each one of the source.</summary>
    /// <exception cref="InvalidOperationException">The source does not have both classes.</exception>
    public double PositiveRate => _plans.Value[1].Rate;

    /// <summary>Rows of class false here for each one of the source.</summary>
    /// <exception cref="InvalidOperationException">The source does not have both classes.</exception>
    public double NegativeRate => _plans.Value[0].Rate;

    /// <summary>ln(<see cref="PositiveRate"/> / <see cref="NegativeRate"/>): how much higher the log-odds of class true are here than in the source.</summary>
    /// <exception cref="InvalidOperationException">The source does not have both classes.</exception>
    public double LogOddsShift => Math.Log(PositiveRate) - Math.Log(NegativeRate);

    /// <summary>The probability of class true in the source from that in the resampled data, for the same features.</summary>
    /// <param name="probability">A probability in [0; 1], as a model gives it that was trained on this view.</param>
    /// <returns>In [0; 1].</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="probability"/> is outside its range.</exception>
    public double TrueProbability(double probability)
    {
        Guard.UnitInterval(probability);
        var (positive, negative) = (probability / PositiveRate, (1 - probability) / NegativeRate);
        return positive / (positive + negative);
    }

    /// <summary>The number of rows if the classes have been counted.</summary>
    /// <returns>The number, or null.</returns>
    public long? GetRowCount() => _plans.IsValueCreated ? _plans.Value.Sum(p => p.Wanted) : null;

    /// <inheritdoc/>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        ArgumentNullException.ThrowIfNull(columnsNeeded);
        DataViewSchema.Column[] columns = [.. columnsNeeded];
        var active = new bool[Schema.Count];
        foreach (var column in columns)
            active[column.Index] = true;
        return new Cursor(this, _source.GetRowCursor(columns.Union([_label])), active);
    }

    /// <inheritdoc/>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
        => [GetRowCursor(columnsNeeded, rand)];

    private ClassPlan[] Plan(double ratio, bool repeats)
    {
        var counts = new long[2];
        using var cursor = _source.GetRowCursor([_label]);
        var getLabel = cursor.GetGetter<bool>(_label);
        var label = false;
        while (cursor.MoveNext())
        {
            getLabel(ref label);
            counts[label ? 1 : 0]++;
        }

        if (counts.Contains(0))
        {
            throw new InvalidOperationException(
                $"Label column '{_label.Name}' has {counts[1]} positive and {counts[0]} negative rows, but resampling needs both.");
        }

        var rarer = counts[1] <= counts[0] ? 1 : 0;
        long[] wanted = [.. counts];
        if (repeats)
            wanted[rarer] = Math.Max(counts[rarer], (long)Math.Round(ratio * counts[1 - rarer]));
        else
            wanted[1 - rarer] = Math.Min(counts[1 - rarer], (long)Math.Round(counts[rarer] / ratio));
        return [.. counts.Zip(wanted, (all, some) => new ClassPlan(all, some))];
    }

    /// <summary>How many rows a class has and how many it should have.</summary>
    private sealed record ClassPlan(long Count, long Wanted)
    {
        public double Rate => (double)Wanted / Count;
    }

    /// <summary>Decides row by row: each has as many copies as go evenly, and a random sample of the rows has one more, so that the total is exact.</summary>
    private sealed class Sampler(ClassPlan plan)
    {
        private long _rowsLeft = plan.Count;
        private long _extraLeft = plan.Wanted % plan.Count;

        /// <summary>Whether as many rows have come as were counted.</summary>
        public bool IsDone => _rowsLeft == 0;

        public long Copies(Random random)
        {
            var isExtra = random.NextDouble() * _rowsLeft-- < _extraLeft;
            _extraLeft -= isExtra ? 1 : 0;
            return plan.Wanted / plan.Count + (isExtra ? 1 : 0);
        }
    }

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly DataViewRowCursor _source;
        private readonly bool[] _active;
        private readonly ValueGetter<bool> _getLabel;
        private readonly Sampler[] _samplers;
        private readonly Random _random;
        private long _position = -1;
        private long _copy;
        private long _copies;

        public Cursor(ResampledDataView view, DataViewRowCursor source, bool[] active)
        {
            (_source, _active) = (source, active);
            _getLabel = source.GetGetter<bool>(view._label);
            _samplers = [.. view._plans.Value.Select(plan => new Sampler(plan))];
            _random = new Random(view._seed);
        }

        public override DataViewSchema Schema => _source.Schema;

        public override long Position => _position;

        public override long Batch => 0;

        public override bool MoveNext()
        {
            _copy++;
            while (_copy >= _copies)
            {
                if (!_source.MoveNext())
                {
                    _position = -1;
                    return _samplers.All(sampler => sampler.IsDone) ? false : throw new InvalidOperationException(
                        "The data has other rows than when its classes were counted. Data that is resampled must give the same rows in the same order each time.");
                }

                var label = false;
                _getLabel(ref label);
                (_copy, _copies) = (0, _samplers[label ? 1 : 0].Copies(_random));
            }

            _position++;
            return true;
        }

        public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

        public override ValueGetter<DataViewRowId> GetIdGetter()
        {
            var getId = _source.GetIdGetter();
            return (ref DataViewRowId id) =>
            {
                getId(ref id);
                id = new DataViewRowId(id.Low, id.High + (ulong)_copy);
            };
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
            => _active[column.Index] ? _source.GetGetter<TValue>(column)
                : throw new ArgumentOutOfRangeException(nameof(column), $"Column '{column.Name}' was not asked for when the cursor was made.");

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _source.Dispose();
            base.Dispose(disposing);
        }
    }
}
