
using FocalMlNet.Columns;
using FocalMlNet.Views;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet;

/// <summary>
/// Adds the focal loss of each scored row, and how much its gradient counts beside that of log-loss: the hard rows, and those whose label
/// may
/// be wrong, have the largest.
/// </summary>
/// <remarks>
/// From a Boolean label and a score that is the logit of the probability two Single columns are made. The first, of the given name, is the
/// focal loss, as <see cref="FocalLoss"/> says. The second, of that name and "Weight", is a q^(γ-1) (q - γ p ln p), where p is the
/// probability of the row's own class, q = 1 - p and a the class weight: the weight of the row in the last round of
/// <see cref="FocalReweightedTrainer{TTransformer, TModel}"/>. Both are computed in double precision. A score of NaN gives NaN, and means
/// that the
/// model had no answer; an infinite one counts as the largest finite Single of its sign.
/// </remarks>
public sealed class FocalLossColumnsEstimator : IEstimator<FocalLossColumnsTransformer>
{
    private readonly FocalLossColumnsTransformer _transformer;

    internal FocalLossColumnsEstimator(string outputColumnName, string labelColumnName, string scoreColumnName, double gamma, double? alpha)
    {
        _transformer = new(
            Guard.NotEmpty(outputColumnName), Guard.NotEmpty(labelColumnName), Guard.NotEmpty(scoreColumnName),
            new FocalLoss(gamma, alpha));
        // Both columns are added: one of the name of the label or the score would hide it from whoever looks at the rows.
        foreach (var name in _transformer.OutputColumnNames)
        {
            Guard.OtherColumn(labelColumnName, nameof(labelColumnName), name, nameof(outputColumnName));
            Guard.OtherColumn(scoreColumnName, nameof(scoreColumnName), name, nameof(outputColumnName));
        }
    }

    /// <summary>The input with both columns.</summary>
    /// <param name="inputSchema">The shape of the input.</param>
    /// <returns>The shape of the output.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        ColumnRole.BinaryLabel.Check(inputSchema, _transformer.LabelColumnName);
        ColumnRole.Score.Check(inputSchema, _transformer.ScoreColumnName);
        return _transformer.OutputColumnNames.Aggregate(
            inputSchema, (shape, name) => Shapes.WithSingle(shape, name, _transformer.LabelColumnName));
    }

    /// <summary>There is nothing to learn: the columns of the input are checked.</summary>
    /// <param name="input">Scored rows.</param>
    /// <returns>The transformer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    public FocalLossColumnsTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _ = _transformer.GetOutputSchema(input.Schema);
        return _transformer;
    }
}

/// <summary>
/// Adds the columns of <see cref="FocalLossColumnsEstimator"/>. It is a tool for looking at data, and no part of a model: it cannot be
/// saved.
/// </summary>
public sealed class FocalLossColumnsTransformer : ITransformer
{
    private readonly FocalLoss _loss;

    internal FocalLossColumnsTransformer(string outputColumnName, string labelColumnName, string scoreColumnName, FocalLoss loss)
    {
        (LabelColumnName, ScoreColumnName, _loss) = (labelColumnName, scoreColumnName, loss);
        OutputColumnNames = [outputColumnName, outputColumnName + "Weight"];
    }

    internal string LabelColumnName { get; }

    internal string ScoreColumnName { get; }

    internal string[] OutputColumnNames { get; }

    bool ITransformer.IsRowToRowMapper => false;

    /// <summary>The input with both columns.</summary>
    /// <param name="inputSchema">The schema of the input.</param>
    /// <returns>The schema of the output.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        ColumnRole.BinaryLabel.Check(inputSchema, LabelColumnName);
        ColumnRole.Score.Check(inputSchema, ScoreColumnName);
        return SingleColumnView.SchemaOf(inputSchema, OutputColumnNames);
    }

    /// <summary>Adds both columns; they are computed when they are read.</summary>
    /// <param name="input">Scored rows.</param>
    /// <returns>The rows with both columns.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _ = GetOutputSchema(input.Schema);
        var (label, score) = (input.Schema[LabelColumnName], input.Schema[ScoreColumnName]);
        return new SingleColumnView(input, new AddedSingles(OutputColumnNames, [label, score], added => row =>
        {
            var (getLabel, getScore) = (row.GetGetter<bool>(label), row.GetGetter<float>(score));
            var (isPositive, z) = (false, 0f);
            return (ref float value) =>
            {
                getLabel(ref isPositive);
                getScore(ref z);
                value = (float)(added == 0 ? _loss.ExactLoss(z, isPositive ? 1 : 0) : Weight(isPositive, z));
            };
        }));
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema)
        => throw new NotSupportedException("The columns of the focal loss are for scored data with labels: they are no part of a prediction engine.");

    void ICanSaveModel.Save(ModelSaveContext ctx)
        => throw new NotSupportedException("The columns of the focal loss are for looking at data and cannot be saved in a model: leave FocalLoss out of the pipeline that is saved.");

    private double Weight(bool isPositive, double z)
    {
        var a = _loss.Alpha is { } alpha ? isPositive ? alpha : 1 - alpha : 1;
        return a * Math.Exp(FocalReweighting.LogWeight(isPositive ? z : -z, _loss.Gamma));
    }
}
