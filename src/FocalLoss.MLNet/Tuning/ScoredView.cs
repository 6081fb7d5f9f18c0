using FocalMlNet.Columns;
using Microsoft.ML;

namespace FocalMlNet.Tuning;

/// <summary>Reads what an added candidate says of the rows that judge it.</summary>
internal static class ScoredView
{
    /// <summary>The score column that the candidate has added.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none, or it is of the wrong type.</exception>
    /// <exception cref="InvalidOperationException">The one that there is was in its input.</exception>
    public static DataViewSchema.Column Column(ColumnRole role, IDataView scored, DataViewSchema input)
    {
        const string Score = "Score";
        var column = role.Check(scored.Schema, Score);
        AddedColumn.Check(scored.Schema, input, Score);
        return column;
    }

    /// <summary>Reads all rows in their order.</summary>
    /// <param name="scored">The view.</param>
    /// <param name="columns">The columns that are read.</param>
    /// <param name="rowCount">The rows that there should be.</param>
    /// <param name="reader">Given the cursor, what reads the row of a number.</param>
    /// <exception cref="InvalidOperationException">There are more rows, or fewer.</exception>
    public static void Read(
        IDataView scored, IReadOnlyList<DataViewSchema.Column> columns, int rowCount, Func<DataViewRow, Action<int>> reader)
    {
        using var cursor = scored.GetRowCursor(columns);
        var (read, row) = (reader(cursor), 0);
        for (; cursor.MoveNext(); row++)
        {
            if (row == rowCount)
                throw TuningErrors.OtherRows(rowCount);
            read(row);
        }

        if (row < rowCount)
            throw TuningErrors.OtherRows(rowCount);
    }
}
