using Microsoft.ML.Data;

namespace Microsoft.ML.Trainers;

public abstract class StochasticTrainerBase<TTransformer, TModel> : TrainerEstimatorBase<TTransformer, TModel>
    where TTransformer : ISingleFeaturePredictionTransformer<TModel>
    where TModel : class
{
    private protected StochasticTrainerBase(Random random, ClassifierKind kind, TrainerInputBaseWithWeight options)
        : base(random, kind, options.LabelColumnName, options.FeatureColumnName, options.ExampleWeightColumnName) { }

    public override TrainerInfo Info { get; } = new(needNormalization: true, wantCaching: true);
}

public abstract class SdcaTrainerBase<TOptions, TTransformer, TModel> : StochasticTrainerBase<TTransformer, TModel>
    where TTransformer : ISingleFeaturePredictionTransformer<TModel>
    where TModel : class
    where TOptions : SdcaTrainerBase<TOptions, TTransformer, TModel>.OptionsBase, new()
{
    private protected SdcaTrainerBase(Random random, ClassifierKind kind, TOptions options)
        : base(random, kind, options) => options.Validate();

    public abstract class OptionsBase : TrainerInputBaseWithWeight
    {
        public float? L2Regularization;
        public float? L1Regularization;
        public int? NumberOfThreads;
        public float ConvergenceTolerance = .1f;
        public int? MaximumNumberOfIterations;
        public bool Shuffle = true;

        private protected OptionsBase() { }

        internal void Validate()
        {
            Argument.Require(!(L2Regularization < 0), nameof(L2Regularization), "null, 0 or above");
            Argument.Require(!(MaximumNumberOfIterations <= 0), nameof(MaximumNumberOfIterations), "null or above 0");
            Argument.Require(!(NumberOfThreads <= 0), nameof(NumberOfThreads), "null or above 0");
            Argument.Require(ConvergenceTolerance is > 0 and <= 1, nameof(ConvergenceTolerance), "in (0; 1]");
            if (L1Regularization is not (null or 0))
                throw Errors.NotSupported("an L1 penalty in SDCA");
        }
    }
}

public abstract class SdcaMulticlassTrainerBase<TModel>
    : SdcaTrainerBase<SdcaMulticlassTrainerBase<TModel>.MulticlassOptions, MulticlassPredictionTransformer<TModel>, TModel>
    where TModel : class
{
    private protected SdcaMulticlassTrainerBase(Random random, MulticlassOptions options)
        : base(random, ClassifierKind.Multiclass, options) { }

    public class MulticlassOptions : OptionsBase
    {
    }
}

/// <summary>
/// Multinomial logistic regression by stochastic dual coordinate ascent (Shalev-Shwartz and Zhang, "Accelerated Proximal Stochastic Dual Coordinate
/// Ascent for Regularized Loss Minimization", 2013, option III of the update). The bias is the weight of a feature that is always 1.
/// </summary>
public sealed class SdcaMaximumEntropyMulticlassTrainer : SdcaMulticlassTrainerBase<MaximumEntropyModelParameters>
{
    /// <summary>The curvature of the softmax loss is at most 1/2.</summary>
    private const double Smoothness = 2;

    private const int DefaultIterations = 100;

    private readonly Options _options;

    internal SdcaMaximumEntropyMulticlassTrainer(Random random, Options options)
        : base(random, options) => _options = options;

    private protected override MaximumEntropyModelParameters TrainModel(Example[] examples, DataShape shape, LinearModelParameters initial)
    {
        NoExamples(examples);
        var iterations = _options.MaximumNumberOfIterations ?? DefaultIterations;
        var l2 = _options.L2Regularization ?? Math.Max(1e-6f, 20f / ((float)iterations / 2 * examples.Length));
        var state = new State(shape, l2 * examples.Sum(e => (double)e.Weight));
        var rows = examples.Select(e => (Example: e, Dual: state.NewDual(e))).ToArray();
        var order = Enumerable.Range(0, rows.Length).ToArray();
        for (var iteration = 0; iteration < iterations; iteration++)
        {
            if (_options.Shuffle && shape.CanShuffle)
                Shuffle(order);
            double loss = 0, gap = 0;
            foreach (var i in order)
            {
                var (rowLoss, rowGap) = state.Update(rows[i].Example, rows[i].Dual);
                loss += rowLoss;
                gap += rowGap;
            }

            if (gap <= _options.ConvergenceTolerance * loss)
                break;
        }

        return state.ToModel();
    }

    private protected override MulticlassPredictionTransformer<MaximumEntropyModelParameters> MakeTransformer(
        MaximumEntropyModelParameters model, DataViewSchema schema) =>
        new(model, FeatureColumn.Name, schema[FeatureColumn.Name].Type, MulticlassColumns.KeyValues(schema[LabelColumn.Name]));

    public sealed class Options : MulticlassOptions
    {
    }

    /// <summary>weights = Σ over rows of weight (e_label - dual) ⊗ features / penalty; a dual is a probability for each class.</summary>
    private sealed class State(DataShape shape, double penalty)
    {
        private readonly double[] _weights = new double[shape.Classes * shape.Features];
        private readonly double[] _biases = new double[shape.Classes];
        private readonly double[] _scores = new double[shape.Classes];

        /// <summary>All on the true class: the weights begin as 0.</summary>
        public double[] NewDual(Example example)
        {
            var dual = new double[shape.Classes];
            dual[(int)example.Label] = 1;
            return dual;
        }

        public (double Loss, double Gap) Update(Example example, double[] dual)
        {
            for (var k = 0; k < _scores.Length; k++)
                _scores[k] = _biases[k] + example.Dot(_weights.AsSpan(k * shape.Features, shape.Features));
            var loss = MaximumEntropy.LogLoss(_scores, (int)example.Label);
            // The row's duality gap is the Kullback-Leibler divergence of the dual from the probabilities.
            double gap = 0, distance = 0;
            for (var k = 0; k < dual.Length; k++)
            {
                gap += dual[k] > 0 ? dual[k] * Math.Log(dual[k] / Math.Max(_scores[k], 1e-300)) : 0;
                distance += (_scores[k] - dual[k]) * (_scores[k] - dual[k]);
            }

            if (distance > 0)
            {
                var step = Math.Min(1, (gap + Smoothness / 2 * distance) / (distance * (Smoothness + example.Weight * (example.SquaredNorm + 1) / penalty)));
                for (var k = 0; k < dual.Length; k++)
                {
                    var change = step * (_scores[k] - dual[k]);
                    dual[k] += change;
                    var factor = -example.Weight * change / penalty;
                    _biases[k] += factor;
                    example.AddTo(_weights.AsSpan(k * shape.Features, shape.Features), factor);
                }
            }

            return (example.Weight * loss, example.Weight * gap);
        }

        public MaximumEntropyModelParameters ToModel() => MaximumEntropy.Model(_weights, _biases);
    }
}
