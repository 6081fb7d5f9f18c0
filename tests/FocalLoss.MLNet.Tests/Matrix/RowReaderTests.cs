
using FocalMlNet.Matrix;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests.Matrix;

public sealed class RowReaderTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 7)]
    [InlineData(8, 64)]
    [InlineData(8, 200)]
    public void Several_cursors_give_the_rows_in_their_order(int threads, int longestBatch)
    {
        var view = new BatchedView(10_000, longestBatch);
        var at = 0;
        var row = new float[2];
        foreach (var block in Reader(view, threads).Read())
        {
            for (var i = 0; i < block.RowCount; i++, at++)
            {
                block.CopyRow(i, row);
                Assert.Equal([at, -at], row);
                Assert.Equal(at % 3 == 0 ? 1 : 0, block.Labels[i]);
            }
        }

        Assert.Equal(10_000, at);
        Assert.Equal(threads, view.CursorsOpened);
        Assert.Equal(threads, view.CursorsClosed);
    }

    [Fact]
    public void An_error_in_one_of_several_cursors_is_the_readers_error()
    {
        var view = new BatchedView(10_000, 64, failAt: 7_777);
        var error = Assert.Throws<FormatException>(() => Reader(view, 4).Read().Count());
        Assert.Equal("Row 7777 is bad.", error.Message);
        Assert.Equal(view.CursorsOpened, view.CursorsClosed);
    }

    [Fact]
    public void The_other_cursors_stop_soon_after_an_error()
    {
        var (hasFailed, after) = (false, 0);
        var view = new BatchedView(100_000, 64, failAt: 0, visit: row =>
        {
            hasFailed |= row == 0;
            if (!hasFailed || row == 0)
                return;
            Thread.Sleep(1);
            after++;
        });
        Assert.Throws<FormatException>(() => Reader(view, 2).Read().Count());
        // A parcel has 5,461 of these rows.
        Assert.InRange(after, 0, 3000);
    }

    [Fact]
    public void Rows_without_values_are_handed_over_before_all_have_been_read()
    {
        var read = 0;
        var view = new BatchedView(1_000_000, 64, visit: _ => Interlocked.Increment(ref read), isEmpty: true);
        _ = Reader(view, 2).Read().First();
        Assert.InRange(read, 512, 500_000);
    }

    [Fact]
    public void Few_wide_rows_are_on_their_way_at_a_time()
    {
        var view = new BatchedView(200, 64, columnCount: 10_000);
        using var cursors = new RowCursors(view, "Label", "Features", null, threads: 2, CancellationToken.None);
        var counts = new List<int>();
        Assert.Empty(cursors.Read(
            (batch, _) => counts.AddRange(batch is null ? [] : [batch.RowCount]), _ => throw new NotSupportedException()));
        Assert.Equal(200, counts.Sum());
        Assert.All(counts, count => Assert.InRange(count, 1, 2));
    }

    [Fact]
    public void Rows_that_are_held_out_are_kept_apart()
    {
        var reader = new RowReader(new BatchedView(5000, 64), "Label", "Features", null, new HoldOut(.2, seed: 1, classCount: 2));
        var training = reader.Read().Sum(block => block.RowCount);
        Assert.Equal(5000, training + reader.HeldOut.Sum(block => block.RowCount));
        Assert.InRange(training, 3990, 4010);
    }

    [Fact]
    public void A_reading_that_is_given_up_closes_its_cursors()
    {
        var view = new BatchedView(100_000, 64);
        _ = Reader(view, 4).Read().First();
        Assert.Equal((4, 4), (view.CursorsOpened, view.CursorsClosed));
    }

    [Fact]
    public void A_cancelled_reading_throws_and_closes_its_cursors()
    {
        using var source = new CancellationTokenSource();
        var view = new BatchedView(100_000, 64);
        var reader = new RowReader(
            view, "Label", "Features", null, parallel: new() { MaxDegreeOfParallelism = 4, CancellationToken = source.Token });
        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (var _ in reader.Read())
                source.Cancel();
        });
        Assert.Equal((4, 4), (view.CursorsOpened, view.CursorsClosed));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void A_cancellation_is_seen_at_the_next_row(int threads)
    {
        using var source = new CancellationTokenSource();
        var after = 0;
        var view = new BatchedView(10_000, 64, visit: row =>
        {
            if (source.IsCancellationRequested)
                Interlocked.Increment(ref after);
            else if (row == 1000)
                source.Cancel();
        });
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = source.Token };
        var reader = new RowReader(view, "Label", "Features", null, parallel: parallel);
        var error = Assert.Throws<OperationCanceledException>(() => reader.Read().Count());
        Assert.Equal(source.Token, error.CancellationToken);
        // Each thread may have been on its way to a row.
        Assert.InRange(after, 0, threads);
        Assert.Equal((threads, threads), (view.CursorsOpened, view.CursorsClosed));
    }

    [Fact]
    public void Whoever_cancels_does_not_wait_for_a_cursor_that_sits_in_a_row_and_closes_later()
    {
        using var source = new CancellationTokenSource();
        using var isFree = new ManualResetEventSlim();
        var view = new BatchedView(10_000, 64, visit: row =>
        {
            if (row != 1000)
                return;
            source.Cancel();
            isFree.Wait(TimeSpan.FromSeconds(20));
        });
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = source.Token };
        var reader = new RowReader(view, "Label", "Features", null, parallel: parallel);
        Assert.Throws<OperationCanceledException>(() => reader.Read().Count());
        Assert.Equal((2, 1), (view.CursorsOpened, view.CursorsClosed));
        isFree.Set();
        Assert.True(SpinWait.SpinUntil(() => view.CursorsClosed == 2, TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void Keys_count_classes_from_0_and_a_missing_key_is_skipped()
    {
        var mlContext = new MLContext();
        KeyedRow[] rows = [new("b", 1), new("a", 2), new("c", 3), new("a", 4), new("?", 5)];
        var known = mlContext.Data.LoadFromEnumerable(rows[..4], Definition());
        var all = mlContext.Data.LoadFromEnumerable(rows, Definition());
        var keyed = mlContext.Transforms.Conversion.MapValueToKey("Label", "Class").Fit(known).Transform(all);
        var reader = new RowReader(keyed, "Label", "Features", null);
        var block = Assert.Single(reader.Read());
        Assert.Equal(3, reader.ClassCount);
        // Keys are given in the order of appearance.
        Assert.Equal([0, 1, 2, 1], block.Labels.ToArray());
        Assert.Equal(1, reader.RowsSkipped);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    public void A_sparse_index_outside_the_vector_is_refused(int index)
    {
        var builder = new RowBlockBuilder(columnCount: 2, capacity: 4);
        var row = new VBuffer<float>(2, 1, [1f], [0]);
        // Past the checks that a debug build of the constructor has.
        var editor = VBufferEditor.Create(ref row, 2, 1);
        editor.Values[0] = 1;
        editor.Indices[0] = index;
        row = editor.Commit();
        var error = Assert.Throws<InvalidOperationException>(() => builder.Append(ref row, 0, 1));
        Assert.Equal("A sparse row has an index outside [0; 2).", error.Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_view_may_lend_one_buffer_for_all_rows(int threads)
    {
        var random = new Random(1);
        VBuffer<float>[] rows = [.. Enumerable.Range(0, 1500).Select(i =>
        {
            // Dense rows, sparse ones and empty ones, in runs and mixed.
            var share = i < 600 ? 1 : i < 1100 ? .1 : random.NextDouble();
            int[] at = [.. Enumerable.Range(0, 8).Where(_ => random.NextDouble() < share)];
            float[] values = [.. at.Select(j => (float)(i + j))];
            return at.Length == 8 ? new VBuffer<float>(8, values) : new VBuffer<float>(8, at.Length, values, at);
        })];
        var n = 0;
        var row = new float[8];
        foreach (var block in Reader(new LendingView(rows), threads).Read())
        {
            for (var i = 0; i < block.RowCount; i++, n++)
            {
                block.CopyRow(i, row);
                Assert.Equal(rows[n].DenseValues(), row);
            }
        }

        Assert.Equal(rows.Length, n);
    }

    /// <summary>As many indices as several vectors have, and the wrong one in each place.</summary>
    [Fact]
    public void Sparse_indices_that_do_not_rise_are_refused()
    {
        for (var at = 1; at < 40; at++)
        {
            int[] indices = [.. Enumerable.Range(0, 40).Select(i => 2 * i)];
            var row = new VBuffer<float>(100, 40, new float[40], indices);
            var builder = new RowBlockBuilder(columnCount: 100, capacity: 4);
            builder.Append(ref row, 0, 1);
            indices[at] = indices[at - 1];
            row = new VBuffer<float>(100, 40, new float[40], [.. Enumerable.Range(0, 40)]);
            var editor = VBufferEditor.CreateFromBuffer(ref row);
            indices.CopyTo(editor.Indices);
            row = editor.Commit();
            var error = Assert.Throws<InvalidOperationException>(() => builder.Append(ref row, 0, 1));
            Assert.Equal($"A sparse row has index {indices[at]} after index {indices[at]}, but indices should rise.", error.Message);
        }
    }

    private static RowReader Reader(IDataView view, int threads)
        => new(view, "Label", "Features", null, parallel: new() { MaxDegreeOfParallelism = threads });

    private static SchemaDefinition Definition()
    {
        var definition = SchemaDefinition.Create(typeof(KeyedRow));
        definition[nameof(KeyedRow.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 1);
        return definition;
    }

    private sealed class KeyedRow(string name, float x)
    {
        public string Class { get; set; } = name;

        public float[] Features { get; set; } = [x];
    }

    /// <summary>Rows whose features are all given out in the same arrays, which are overwritten for the next row.</summary>
    private sealed class LendingView : IDataView
    {
        private readonly VBuffer<float>[] _rows;

        public LendingView(VBuffer<float>[] rows)
        {
            _rows = rows;
            var builder = new DataViewSchema.Builder();
            builder.AddColumn("Label", BooleanDataViewType.Instance, null);
            builder.AddColumn("Features", new VectorDataViewType(NumberDataViewType.Single, rows[0].Length), null);
            Schema = builder.ToSchema();
        }

        public DataViewSchema Schema { get; }

        public bool CanShuffle => false;

        public long? GetRowCount() => _rows.Length;

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => new Cursor(this);

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
            => [new Cursor(this)];

        private sealed class Cursor(LendingView view) : DataViewRowCursor
        {
            private readonly float[] _values = new float[view._rows[0].Length];
            private readonly int[] _indices = new int[view._rows[0].Length];
            private long _position = -1;

            public override DataViewSchema Schema => view.Schema;

            public override long Position => _position;

            public override long Batch => 0;

            public override bool MoveNext() => ++_position < view._rows.Length;

            public override bool IsColumnActive(DataViewSchema.Column column) => true;

            public override ValueGetter<DataViewRowId> GetIdGetter()
                => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, 0);

            public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
            {
                Delegate getter = column.Index == 0
                    ? (ValueGetter<bool>)((ref bool label) => label = _position % 3 == 0)
                    : (ValueGetter<VBuffer<float>>)((ref VBuffer<float> features) => features = Lend(view._rows[_position]));
                return (ValueGetter<TValue>)getter;
            }

            private VBuffer<float> Lend(VBuffer<float> row)
            {
                row.GetValues().CopyTo(_values);
                row.GetIndices().CopyTo(_indices);
                return row.IsDense
                    ? new VBuffer<float>(row.Length, _values)
                    : new VBuffer<float>(row.Length, row.GetValues().Length, _values, _indices);
            }
        }
    }

    /// <summary>
    /// Row i has features (i, -i, 0 ...), or no stored ones, and label i % 3 == 0. A set of cursors shares the rows out in batches of
    /// changing length.
    /// </summary>
    private sealed class BatchedView : IDataView
    {
        private readonly int _count;
        private readonly int _longestBatch;
        private readonly int _failAt;
        private readonly Action<int>? _visit;
        private readonly int _columnCount;
        private readonly bool _isEmpty;
        private int _opened;
        private int _closed;

        public BatchedView(int count, int longestBatch, int failAt = -1, Action<int>? visit = null, int columnCount = 2,
            bool isEmpty = false)
        {
            (_count, _longestBatch, _failAt, _visit, _columnCount, _isEmpty) = (count, longestBatch, failAt, visit, columnCount, isEmpty);
            var builder = new DataViewSchema.Builder();
            builder.AddColumn("Label", BooleanDataViewType.Instance, null);
            builder.AddColumn("Features", new VectorDataViewType(NumberDataViewType.Single, columnCount), null);
            Schema = builder.ToSchema();
        }

        public int CursorsOpened => _opened;

        public int CursorsClosed => _closed;

        public DataViewSchema Schema { get; }

        public bool CanShuffle => false;

        public long? GetRowCount() => _count;

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
            => new Cursor(this, 0, 1);

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
            => [.. Enumerable.Range(0, n).Select(k => new Cursor(this, k, n))];

        private sealed class Cursor : DataViewRowCursor
        {
            private readonly BatchedView _view;
            private readonly IEnumerator<(int Row, int Batch)> _rows;

            public Cursor(BatchedView view, int number, int of)
            {
                _view = view;
                _rows = Rows(number, of).GetEnumerator();
                Interlocked.Increment(ref view._opened);
            }

            public override long Position => _rows.Current.Row;

            public override long Batch => _rows.Current.Batch;

            public override DataViewSchema Schema => _view.Schema;

            public override bool IsColumnActive(DataViewSchema.Column column) => true;

            public override bool MoveNext()
            {
                var isAtRow = _rows.MoveNext();
                if (isAtRow)
                    _view._visit?.Invoke(_rows.Current.Row);
                return isAtRow;
            }

            public override ValueGetter<DataViewRowId> GetIdGetter()
                => (ref DataViewRowId id) => id = new DataViewRowId((ulong)Position, 0);

            public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
            {
                Delegate getter = column.Index == 0
                    ? (ValueGetter<bool>)((ref bool label) => label = _rows.Current.Row % 3 == 0)
                    : (ValueGetter<VBuffer<float>>)((ref VBuffer<float> features) => features = Features(_rows.Current.Row));
                return (ValueGetter<TValue>)getter;
            }

            protected override void Dispose(bool disposing)
            {
                Interlocked.Increment(ref _view._closed);
                base.Dispose(disposing);
            }

            private VBuffer<float> Features(int row)
                => row == _view._failAt ? throw new FormatException($"Row {row} is bad.")
                    : _view._isEmpty ? new VBuffer<float>(_view._columnCount, 0, [], [])
                    : new VBuffer<float>(_view._columnCount, [row, -row, .. new float[_view._columnCount - 2]]);

            private IEnumerable<(int Row, int Batch)> Rows(int number, int of)
            {
                var row = 0;
                for (var batch = 0; row < _view._count; batch++)
                {
                    var length = 1 + batch * 37 % _view._longestBatch;
                    for (var i = 0; i < length && row < _view._count; i++, row++)
                    {
                        // Numbers may be left out.
                        if (batch % of == number)
                            yield return (row, 2 * batch);
                    }
                }
            }
        }
    }
}
