namespace Microsoft.ML.Data;

/// <summary>The rows whose place satisfies a predicate, which is made anew for each cursor; rows come in the input's order.</summary>
internal sealed class FilterDataView(IDataView input, Func<Func<bool>> makePredicate) : IDataView
{
    public DataViewSchema Schema => input.Schema;
    public bool CanShuffle => false;
    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        var columns = columnsNeeded.ToArray();
        return new Cursor(input.GetRowCursor(columns), makePredicate(), Columns.Flags(Schema, columns));
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(DataViewRowCursor input, Func<bool> keep, bool[] active) : CursorBase(input.Schema, active, input)
    {
        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        private protected override bool Advance()
        {
            while (input.MoveNext())
            {
                if (keep())
                    return true;
            }
            return false;
        }

        private protected override Delegate CreateGetter(int column) => Getters.Untyped(input, input.Schema[column]);
    }
}
