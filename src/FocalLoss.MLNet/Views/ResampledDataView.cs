
using FocalMlNet.Columns;
using FocalMlNet.Views;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet;

/// <summary>
/// A view in which one class has been thinned out or repeated, for training only. It is a filter: nothing is copied, the classes are
/// counted once when rows are first read, and every reading gives the same rows in the same order, as the data must do: a reading that ends
/// with other labels than were counted is an error.
/// </summary>
/// <remarks>
/// A model that is trained on it gives probabilities of the resampled data, whose log-odds are higher by <see cref="LogOddsShift"/>.
/// <see cref="TrueProbability"/> takes that back for a number, and CorrectPrior of the catalog for a model.
/// </remarks>
public sealed class ResampledDataView : IDataView
{
    private readonly IDataView _source;
    private readonly DataViewSchema.Column _label;
    private readonly double _ratio;
    private readonly int _seed;
    private readonly bool _repeats;
    private readonly Lock _gate = new();
    private Plan? _plan;

    internal ResampledDataView(IDataView source, string labelColumnName, double ratio, int seed, bool repeats)
    {
        (_source, _seed, _repeats) = (Guard.NotNull(source, "data"), seed, repeats);
        _label = ColumnRole.BinaryLabel.Check(source.Schema, Guard.NotEmpty(labelColumnName));
        _ratio = Guard.PositiveShare(ratio);
        Schema = repeats ? RowCopies.Mark(source.Schema) : source.Schema;
    }

    /// <inheritdoc/>
    public DataViewSchema Schema { get; }

    /// <summary>Rows keep their order: false.</summary>
    public bool CanShuffle => false;

    /// <summary>Rows of class true here for each one of the source.</summary>
    /// <exception cref="InvalidOperationException">The source does not have both classes.</exception>
    public double PositiveRate => Planned().Positives.Rate;

    /// <summary>Rows of class false here for each one of the source.</summary>
    /// <exception cref="InvalidOperationException">The source does not have both classes.</exception>
    public double NegativeRate => Planned().Negatives.Rate;

    /// <summary>
    /// ln(<see cref="PositiveRate"/> / <see cref="NegativeRate"/>): how much higher the log-odds of class true are here than in the source.
    /// </summary>
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
    public long? GetRowCount() => _plan is { } plan ? plan.Positives.Wanted + plan.Negatives.Wanted : null;

    /// <inheritdoc/>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        ArgumentNullException.ThrowIfNull(columnsNeeded);
        var active = SourceCursor.Active(Schema, columnsNeeded);
        var plan = Planned();
        var cursor = _source.GetRowCursor([.. _source.Schema.Where(c => active[c.Index] || c.Index == _label.Index)]);
        return SourceCursor.Over([cursor], own => new Cursor(this, own, active, plan))[0];
    }

    /// <inheritdoc/>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
        => [GetRowCursor(columnsNeeded, rand)];

    /// <summary>Counts the classes, once; a failed attempt leaves nothing behind.</summary>
    private Plan Planned()
    {
        lock (_gate)
            return _plan ??= Count();
    }

    private Plan Count()
    {
        var seen = new SeenLabels();
        using var cursor = _source.GetRowCursor([_label]);
        var getLabel = LabelReader.Of(cursor, _label);
        while (cursor.MoveNext())
            seen.Add(getLabel() == 1);

        var (positives, negatives) = (seen.Positives, seen.Negatives);
        if (positives == 0 || negatives == 0)
        {
            throw new InvalidOperationException(
                $"Label column '{_label.Name}' has {positives} positive and {negatives} negative rows, but resampling needs both.");
        }

        var (rarer, other) = (Math.Min(positives, negatives), Math.Max(positives, negatives));
        var wantedRarer = _repeats ? Math.Max(rarer, (long)Math.Round(_ratio * other)) : rarer;
        var wantedOther = _repeats ? other : Math.Min(other, (long)Math.Round(rarer / _ratio));
        return positives <= negatives
            ? new(seen, new(positives, wantedRarer), new(negatives, wantedOther))
            : new(seen, new(positives, wantedOther), new(negatives, wantedRarer));
    }

    /// <summary>The labels of the source, and what is made of each class.</summary>
    private sealed record Plan(SeenLabels Labels, ClassPlan Positives, ClassPlan Negatives);

    /// <summary>The numbers of labels that have come, and a sum that tells whether they came in the same order.</summary>
    private sealed record SeenLabels
    {
        private ulong _order;

        public long Positives { get; private set; }

        public long Negatives { get; private set; }

        public void Add(bool label)
        {
            // Odd multipliers lose nothing; the label stands at another power for each place.
            _order = (_order * 0x9E3779B97F4A7C15) + (label ? 2UL : 1UL);
            Positives += label ? 1 : 0;
            Negatives += label ? 0 : 1;
        }
    }

    /// <summary>How many rows a class has and how many it should have.</summary>
    private sealed record ClassPlan(long Count, long Wanted)
    {
        public double Rate => (double)Wanted / Count;
    }

    /// <summary>
    /// Decides row by row: each has as many copies as go evenly, and a random sample of the rows has one more, so that the total is exact.
    /// </summary>
    private sealed class Sampler(ClassPlan plan)
    {
        private long _rowsLeft = plan.Count;
        private long _extraLeft = plan.Wanted % plan.Count;

        public long Copies(Random random)
        {
            var isExtra = random.NextDouble() * _rowsLeft-- < _extraLeft;
            _extraLeft -= isExtra ? 1 : 0;
            return plan.Wanted / plan.Count + (isExtra ? 1 : 0);
        }
    }

    private sealed class Cursor(ResampledDataView view, DataViewRowCursor source, bool[] active, Plan plan)
        : SourceCursor(view.Schema, source, active)
    {
        private readonly Func<int> _getLabel = LabelReader.Of(source, view._label);
        private readonly Sampler _positives = new(plan.Positives);
        private readonly Sampler _negatives = new(plan.Negatives);
        private readonly SeenLabels _seen = new();
        private readonly Random _random = new(view._seed);
        private long _position = -1;
        private long _copy;
        private long _copies;

        public override long Position => _position;

        public override long Batch => 0;

        public override bool MoveNext()
        {
            _copy++;
            while (_copy >= _copies)
            {
                if (!Source.MoveNext())
                {
                    _position = -1;
                    return _seen == plan.Labels ? false : throw new InvalidOperationException(
                        "The data has other rows than when its classes were counted. Data that is resampled must give the same rows in "
                            + "the same order each time.");
                }

                var label = _getLabel() == 1;
                _seen.Add(label);
                (_copy, _copies) = (0, (label ? _positives : _negatives).Copies(_random));
            }

            _position++;
            return true;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter()
        {
            var getId = Source.GetIdGetter();
            return (ref DataViewRowId id) =>
            {
                getId(ref id);
                id = new DataViewRowId(id.Low, id.High + (ulong)_copy);
            };
        }
    }
}
