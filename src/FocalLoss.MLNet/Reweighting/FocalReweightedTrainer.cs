
using System.Runtime.ExceptionServices;
using FocalMlNet.Columns;
using FocalMlNet.Reweighting;
using FocalMlNet.Views;
using Microsoft.ML;
using Microsoft.ML.Trainers;

namespace FocalMlNet;

/// <summary>
/// Focal loss for any trainer that takes example weights and minimises log-loss: it is fitted again and again, each time with the weights
/// that make the gradient of its log-loss that of the focal loss at the scores of the fit before.
/// </summary>
/// <remarks>
/// <para>
/// With p the probability that the last fit gives to the true class and q = 1 - p, a row has the weight w a r, r = q^(γ-1) (q - γ p ln p):
/// w is its example weight, a its class weight. Where such fits come to rest the focal loss is stationary, whatever the model. The first
/// fit has the weights at the best constant score. From then on the logarithms of the weights go 1 / (1 + γ) of the way to r, since
/// well-classified rows answer 1 + γ times as strongly as the weights foresee, and from the best round half as far again after each round
/// that is no better. Three such rounds in a row end the work. The best round's model is returned, as the trainer made it. γ = 0 is one fit
/// of log-loss.
/// </para>
/// <para>
/// The probability is that of the model's own Platt calibrator in double precision if it has one (that is how FastTree, LightGBM, SDCA, SGD
/// and L-BFGS link score and probability: σ(score) itself would be wrong for trees), else of the Probability column it adds, else
/// σ(Score): a trainer whose score is no logit, such as a linear support vector machine, is re-weighted as if it were one, but no focal loss is
/// minimised. Multiclass scores are probabilities if those of all rows are not negative and sum to 1, else logits.
/// </para>
/// <para>
/// The weights are those of the objective, not scaled to a mean of 1: for γ above 0 they are small for most rows. A penalty that the
/// trainer weighs against the sum of the losses (L-BFGS) keeps its meaning. One that is weighed against their mean would grow.
/// </para>
/// <para>
/// The input is read once, into memory, and only those columns that the trainer reads. A trainer that does not tell which these are, as
/// OneVersusAll and trainers of one's own, has them read after the labels: if that reading gives other rows, it is an error. A row without
/// a score (NaN, from a missing feature) has no part in the objective and keeps its weight. Rows keep their order: a trainer that shuffles
/// does it itself.
/// </para>
/// </remarks>
/// <typeparam name="TTransformer">The trainer's own transformer.</typeparam>
/// <typeparam name="TModel">The trainer's own model parameters.</typeparam>
public sealed class FocalReweightedTrainer<TTransformer, TModel> : ITrainerEstimator<TTransformer, TModel>
    where TTransformer : class, ISingleFeaturePredictionTransformer<TModel>
    where TModel : class
{
    /// <summary>An improvement of the objective below this share of it is none.</summary>
    private const double Tolerance = 1e-5;

    /// <summary>Rounds in a row without improvement that end the work.</summary>
    private const int Patience = 3;

    private readonly Lock _gate = new();
    private readonly Func<string, ITrainerEstimator<TTransformer, TModel>> _makeTrainer;
    private readonly ITrainerEstimator<TTransformer, TModel> _trainer;
    private readonly MarginReader _margins;
    private readonly FocalReweightedOptions _options;

    internal FocalReweightedTrainer(
        Func<string, ITrainerEstimator<TTransformer, TModel>> trainer, MarginReader margins, FocalReweightedOptions options)
    {
        Guard.NotNull(options).Validate(isBinary: margins is BinaryMarginReader);
        (_makeTrainer, _margins, _options) = (Guard.NotNull(trainer), margins, options);
        // This one tells what it is; each Fit makes its own, since a trainer need not stand being fitted on several threads.
        _trainer = Make(trainer);
    }

    /// <inheritdoc/>
    public TrainerInfo Info => _trainer.Info;

    /// <summary>The columns that the trainer's model adds.</summary>
    /// <param name="inputSchema">The shape of the input.</param>
    /// <returns>The shape of the output.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        _margins.Label.Check(inputSchema, _options.LabelColumnName);
        if (_options.ExampleWeightColumnName is { } weight)
            ColumnRole.Weight.Check(inputSchema, weight);
        CheckLabel(_trainer);
        var weighted = Shapes.WithSingle(inputSchema, FocalReweightedOptions.WeightColumnName, _options.LabelColumnName);
        return Shapes.Without(_trainer.GetOutputSchema(weighted), FocalReweightedOptions.WeightColumnName);
    }

    /// <summary>Fits the trainer in rounds.</summary>
    /// <param name="input">The training data.</param>
    /// <returns>The trainer's model of the round with the lowest objective.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are no rows, only one class has weight, a weight is outside [0; 1e30], or a model gives no row a score. The trainer has
    /// another label column, does not read the weights, or gives no model. The data gave other rows when it had to be read again.
    /// </exception>
    /// <exception cref="OperationCanceledException"><see cref="FocalReweightedOptions.CancellationToken"/> was cancelled.</exception>
    public TTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var label = _margins.Label.Check(input.Schema, _options.LabelColumnName);
        ColumnRole.Weight.CheckNamed(input.Schema, _options.ExampleWeightColumnName);
        var trainer = Make(_makeTrainer);
        CheckLabel(trainer);
        var same = new SameRowsView(input, label, _options.CancellationToken);
        try
        {
            return Fit(trainer, new MLContext().Data.Cache(same, Columns(trainer, input.Schema)));
        }
        catch (Exception error) when (_options.CancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("Fit was cancelled.", error, _options.CancellationToken);
        }
        catch (Exception) when (same.Error is not null)
        {
            // Whatever has become of it in the threads of the cache and of the trainer.
            ExceptionDispatchInfo.Throw(same.Error);
            throw;
        }
    }

    private TTransformer Fit(ITrainerEstimator<TTransformer, TModel> trainer, IDataView cached)
    {
        var rows = _margins.Read(cached, _options);
        if (rows.AreOfOneClass)
            return trainer.Fit(Weighted(new double[rows.Count]));

        var logWeights = rows.LogWeightsAtStart(_options.Gamma);
        TTransformer? best = null;
        double[] bestLogWeights = [], target = [];
        var (least, step, failures) = (double.PositiveInfinity, 1 / (1 + _options.Gamma), 0);
        for (var round = 1; round <= _options.Rounds && failures < Patience; round++)
        {
            _options.CancellationToken.ThrowIfCancellationRequested();
            var weighted = Weighted(logWeights);
            var model = trainer.Fit(weighted)
                ?? throw new InvalidOperationException("The trainer's Fit returned null, but it should return a model.");
            if (!weighted.IsRead)
            {
                throw new InvalidOperationException(
                    "The trainer has not read the weights, so its model is not one of the focal loss. "
                    + "Give it the name of the weight column, as in w => trainers.LbfgsLogisticRegression(exampleWeightColumnName: w). "
                    + "A trainer that takes no example weights, such as AveragedPerceptron, cannot be used.");
            }

            var margins = _margins.Margins(model.Transform(cached), cached.Schema, model.Model, rows);
            var objective = rows.Objective(margins, _options.Gamma);
            if (!double.IsFinite(objective))
                throw new InvalidOperationException($"The model of round {round} gives no row a score: there is nothing to weigh by.");
            failures = objective < least * (1 - Tolerance) ? 0 : failures + 1;
            var isBest = objective < least;
            _options.Progress?.Report(new() { Round = round, Objective = objective, IsBest = isBest, Step = step });
            if (isBest)
            {
                (best, least, bestLogWeights) = (model, objective, logWeights);
                target = [.. margins.Select(s => double.IsNaN(s) ? 0 : FocalReweighting.LogWeight(s, _options.Gamma))];
            }

            if (_options.Gamma == 0)
                break;
            step = failures == 0 ? step : step / 2;
            logWeights = [.. bestLogWeights.Zip(target, (from, to) => from + step * (to - from))];
        }

        return best!;

        SingleColumnView Weighted(double[] byLogWeights) => SingleColumnView.OfValues(
            cached, FocalReweightedOptions.WeightColumnName, rows.Weights(byLogWeights), _options.CancellationToken);
    }

    private ITrainerEstimator<TTransformer, TModel> Make(Func<string, ITrainerEstimator<TTransformer, TModel>> trainer)
    {
        ITrainerEstimator<TTransformer, TModel>? made;
        // A user's function need not stand several threads.
        lock (_gate)
            made = trainer(FocalReweightedOptions.WeightColumnName);
        Guard.Compatible(made is not null, "trainer returned null, but it should return a trainer.", nameof(trainer));
        return made!;
    }

    private void CheckLabel(ITrainerEstimator<TTransformer, TModel> trainer)
    {
        var label = (trainer as TrainerEstimatorBase<TTransformer, TModel>)?.LabelColumn.Name ?? _options.LabelColumnName;
        if (!string.Equals(label, _options.LabelColumnName, StringComparison.Ordinal))
        {
            throw new InvalidOperationException(
                $"LabelColumnName = {_options.LabelColumnName}, but the trainer's label column is {label}: "
                + "the weights would be those of other labels.");
        }
    }

    /// <summary>
    /// The columns that are read, as far as the trainer tells: what it asks for in fitting can be read no sooner than when the labels have
    /// been.
    /// </summary>
    private string[] Columns(ITrainerEstimator<TTransformer, TModel> trainer, DataViewSchema schema)
    {
        var own = trainer as TrainerEstimatorBase<TTransformer, TModel>;
        var group = (trainer as TrainerEstimatorBaseWithGroupId<TTransformer, TModel>)?.GroupIdColumn.Name;
        string?[] names = [_options.LabelColumnName, _options.ExampleWeightColumnName, own?.FeatureColumn.Name, group];
        return [.. names.OfType<string>().Distinct(StringComparer.Ordinal).Where(name => schema.GetColumnOrNull(name) is not null)];
    }
}
