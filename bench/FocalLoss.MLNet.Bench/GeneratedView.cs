using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Bench;

/// <summary>
/// Dense rows of a logistic model that are made when they are read, each of its number alone: any number of them takes no memory, and
/// several cursors make them at once. Features are sums of four uniform numbers, nearly Gaussian, each correlated with the one before.
/// </summary>
/// <param name="rowCount">Rows.</param>
/// <param name="featureCount">Features.</param>
internal sealed class GeneratedView(long rowCount, int featureCount) : IDataView
{
    private const int BatchRows = 64;
    private const float Correlation = .5f;
    private const float Offset = -5.5f;
    private const float Effect = .5f;
    private const int Drivers = 10;

    public DataViewSchema Schema { get; } = CreateSchema(featureCount);

    /// <summary>Is called by each cursor that comes to its end.</summary>
    public Action? Ended { get; set; }

    public bool CanShuffle => false;

    public long? GetRowCount() => rowCount;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
        => new Cursor(this, 0, 1);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
        => [.. Enumerable.Range(0, n).Select(k => new Cursor(this, k, n))];

    private static DataViewSchema CreateSchema(int featureCount)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("Label", BooleanDataViewType.Instance);
        builder.AddColumn("Features", new VectorDataViewType(NumberDataViewType.Single, featureCount));
        return builder.ToSchema();
    }

    /// <summary>The next number of the generator SplitMix64 (Steele, Lea and Flood 2014).</summary>
    private static ulong Next(ref ulong state)
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>Fills a row and gives its label.</summary>
    private static bool Make(long row, Span<float> features)
    {
        // Of variance 1: four numbers below 65,536 have a variance of 65,536² / 3 together.
        const float Scale = 1.7320508f / 65536;
        var state = (ulong)row * 0xD1342543DE82EF95;
        var (before, score, step) = (0f, Offset, Math.Max(1, features.Length / Drivers));
        var fresh = MathF.Sqrt(1 - Correlation * Correlation);
        for (var j = 0; j < features.Length; j++)
        {
            var bits = Next(ref state);
            var sum = (int)(bits & 0xFFFF) + (int)((bits >> 16) & 0xFFFF) + (int)((bits >> 32) & 0xFFFF) + (int)(bits >> 48);
            var value = Scale * (sum - 2 * 65535);
            before = j == 0 ? value : Correlation * before + fresh * value;
            features[j] = before;
            if (j % step == 0)
                score += j / step % 2 == 0 ? Effect * before : -Effect * before;
        }

        return (Next(ref state) >> 40) * (1f / (1 << 24)) < 1 / (1 + MathF.Exp(-score));
    }

    /// <summary>Every n-th batch of rows, from the first-th on.</summary>
    private sealed class Cursor(GeneratedView view, int first, int n) : DataViewRowCursor
    {
        private readonly float[] _features = new float[view.Schema["Features"].Type is VectorDataViewType type ? type.Size : 0];
        private long _row = -1;
        private long _position = -1;
        private bool _label;

        public override long Position => _position;

        public override long Batch => _row / BatchRows;

        public override DataViewSchema Schema => view.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => true;

        public override bool MoveNext()
        {
            if (_position < 0)
                _row = (long)first * BatchRows;
            else if (++_row % BatchRows == 0)
                _row += (n - 1L) * BatchRows;
            if (_row >= view.GetRowCount())
            {
                view.Ended?.Invoke();
                return false;
            }

            _position++;
            _label = Make(_row, _features);
            return true;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_row, 0);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
            => (ValueGetter<TValue>)(Delegate)(column.Index == 0
                ? (ValueGetter<bool>)((ref bool label) => label = _label)
                : (ValueGetter<VBuffer<float>>)((ref VBuffer<float> features) =>
                {
                    var editor = VBufferEditor.Create(ref features, _features.Length);
                    _features.CopyTo(editor.Values);
                    features = editor.Commit();
                }));
    }
}
