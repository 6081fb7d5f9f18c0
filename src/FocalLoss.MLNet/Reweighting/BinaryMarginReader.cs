
using FocalMlNet.Columns;
using Microsoft.ML;
using Microsoft.ML.Calibrators;

namespace FocalMlNet.Reweighting;

/// <summary>Boolean labels, one score.</summary>
internal sealed class BinaryMarginReader : MarginReader
{
    public override ColumnRole Label => ColumnRole.BinaryLabel;

    public override double[] Margins(IDataView scored, DataViewSchema input, object? model, WeightedRows rows)
    {
        var calibrator = (model as CalibratedModelParametersBase)?.Calibrator as PlattCalibrator;
        var probability = calibrator is null ? AddedColumn.Of(scored.Schema, input, "Probability") : null;
        var column = probability ?? ScoreColumn(scored, input);
        var margins = new double[rows.Count];
        using var cursor = scored.GetRowCursor([column]);
        var get = cursor.GetGetter<float>(column);
        var value = 0f;
        for (var i = 0; IsAtRow(cursor, i, rows); i++)
        {
            get(ref value);
            double logit = calibrator is not null ? -(calibrator.Slope * value + calibrator.Offset)
                : probability is not null ? Math.Log(value) - Math.Log(1 - (double)value)
                : value;
            margins[i] = Bounded(rows.Classes[i] == 1 ? logit : -logit);
        }

        return margins;
    }
}
