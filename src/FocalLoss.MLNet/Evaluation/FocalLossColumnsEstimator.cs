using FocalMlNet.Columns;
using FocalMlNet.Evaluation;
using FocalMlNet.Views;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet;

/// <summary>
/// Adds the focal loss of each scored row, and how much its gradient counts beside that of log-loss: the hard rows, and those whose label
/// may be wrong, have the largest.
/// </summary>
/// <remarks>
/// <para>
/// Two Single columns are made. The first, of the given name, is the focal loss, -a q^γ ln p, where p is the probability of the row's own
/// class, q = 1 - p and a the class weight. The second, of that name and "Weight", is a q^(γ-1) (q - γ p ln p): the weight of the row in
/// the last round of <see cref="FocalReweightedTrainer{TTransformer, TModel}"/>. Both are computed in double precision.
/// </para>
/// <para>
/// The label says whether there are two classes: it is Boolean, with a score that is one Single. Of several classes it is a key of UInt32
/// or text, with a score for each class, which is found as EvaluateImbalanced finds it. Scores are logits or probabilities, as is said; an
/// infinite logit counts as the largest finite Single of its sign, and a probability is moved into [2⁻²³; 1 - 2⁻²³] first, as in
/// <see cref="BinaryMetric.FocalLoss"/> and <see cref="MulticlassMetric.FocalLoss"/>, whose mean is that of this column. A class without a
/// score has probability 0. A row without a label, or with a score of NaN, which means that the model had no answer, has NaN.
/// </para>
/// </remarks>
public sealed class FocalLossColumnsEstimator : IEstimator<FocalLossColumnsTransformer>
{
    private readonly FocalLossColumnsTransformer _transformer;

    internal FocalLossColumnsEstimator(
        string outputColumnName, string labelColumnName, string scoreColumnName, bool? scoresAreProbabilities, double gamma, double? alpha)
    {
        _transformer = new(
            Guard.NotEmpty(outputColumnName), Guard.NotEmpty(labelColumnName), Guard.NotEmpty(scoreColumnName), scoresAreProbabilities,
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
    /// <exception cref="ArgumentException">There are several classes, but an alpha.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        ColumnRole.LossLabel.Check(inputSchema, _transformer.LabelColumnName);
        var areSeveral = ColumnRole.ScoredLabel.IsIn(inputSchema, _transformer.LabelColumnName);
        _transformer.CheckAlpha(areSeveral);
        ScoredMargins.Roles(areSeveral).Score.Check(inputSchema, _transformer.ScoreColumnName);
        return _transformer.OutputColumnNames.Aggregate(
            inputSchema, (shape, name) => Shapes.WithSingle(shape, name, _transformer.LabelColumnName));
    }

    /// <summary>There is nothing to learn: the columns of the input are checked.</summary>
    /// <param name="input">Scored rows.</param>
    /// <returns>The transformer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    /// <exception cref="ArgumentException">There are several classes, but an alpha.</exception>
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
    private readonly bool? _areProbabilities;
    private readonly FocalLoss _loss;

    internal FocalLossColumnsTransformer(
        string outputColumnName, string labelColumnName, string scoreColumnName, bool? areProbabilities, FocalLoss loss)
    {
        (LabelColumnName, ScoreColumnName, _areProbabilities, _loss) = (labelColumnName, scoreColumnName, areProbabilities, loss);
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
    /// <exception cref="ArgumentException">There are several classes, but an alpha.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        _ = Margins(inputSchema);
        return SingleColumnView.SchemaOf(inputSchema, OutputColumnNames);
    }

    /// <summary>Adds both columns; they are computed when they are read.</summary>
    /// <param name="input">Scored rows.</param>
    /// <returns>The rows with both columns.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    /// <exception cref="ArgumentException">There are several classes, but an alpha.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var margins = Margins(input.Schema);
        var (positive, negative) = _loss.Weights;
        return new SingleColumnView(input, new AddedSingles(OutputColumnNames, margins.Columns, (added, row) =>
        {
            var next = margins.Getter(row, out _);
            return (ref float value) =>
            {
                var (k, margin) = next();
                value = (float)((k == 1 ? positive : negative) * (added == 0
                    ? BinaryFocal.Loss(margin, _loss.Gamma) : Math.Exp(FocalReweighting.LogWeight(margin, _loss.Gamma))));
            };
        }));
    }

    internal void CheckAlpha(bool areSeveral) => Guard.NoAlpha(areSeveral ? _loss.Alpha : null, "alpha");

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema)
        => throw new NotSupportedException(
            "The columns of the focal loss are for scored data with labels: they are no part of a prediction engine.");

    void ICanSaveModel.Save(ModelSaveContext ctx)
        => throw new NotSupportedException(
            "The columns of the focal loss are for looking at data and cannot be saved in a model: "
            + "leave FocalLoss out of the pipeline that is saved.");

    private ScoredMargins Margins(DataViewSchema schema)
    {
        ColumnRole.LossLabel.Check(schema, LabelColumnName);
        var areSeveral = ColumnRole.ScoredLabel.IsIn(schema, LabelColumnName);
        CheckAlpha(areSeveral);
        return ScoredMargins.Of(schema, LabelColumnName, ScoreColumnName, areSeveral, _areProbabilities ?? areSeveral);
    }
}
