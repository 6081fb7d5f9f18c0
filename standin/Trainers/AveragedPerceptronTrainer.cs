using Microsoft.ML.Data;

namespace Microsoft.ML.Trainers;

public abstract class OnlineLinearOptions : TrainerInputBaseWithLabel
{
    public int NumberOfIterations = 1;
    public bool Shuffle = true;

    protected OnlineLinearOptions() { }
}

public abstract class AveragedLinearOptions : OnlineLinearOptions
{
    public float LearningRate = 1;
    public bool DecreaseLearningRate;
    public bool LazyUpdate = true;
    public float L2Regularization;

    protected AveragedLinearOptions() { }
}

public abstract class OnlineLinearTrainer<TTransformer, TModel> : TrainerEstimatorBase<TTransformer, TModel>
    where TTransformer : ISingleFeaturePredictionTransformer<TModel>
    where TModel : class
{
    private protected OnlineLinearTrainer(Random random, OnlineLinearOptions options)
        : base(random, ClassifierKind.Binary, options.LabelColumnName, options.FeatureColumnName, null)
    {
        Argument.Require(options.NumberOfIterations > 0, nameof(options.NumberOfIterations), "above 0");
    }

    public override TrainerInfo Info { get; } = new(needNormalization: true, wantCaching: true);

    public TTransformer Fit(IDataView trainData, LinearModelParameters modelParameters) => Train(trainData, modelParameters);
}

public abstract class AveragedLinearTrainer<TTransformer, TModel> : OnlineLinearTrainer<TTransformer, TModel>
    where TTransformer : ISingleFeaturePredictionTransformer<TModel>
    where TModel : class
{
    private protected AveragedLinearTrainer(Random random, AveragedLinearOptions options)
        : base(random, options)
    {
        Argument.Require(options.LearningRate > 0, nameof(options.LearningRate), "above 0");
        Argument.Require(options.L2Regularization is >= 0 and < .5f, nameof(options.L2Regularization), "in [0; 0.5)");
    }
}

/// <summary>The perceptron averaged over its updates (Freund and Schapire 1999), for any loss.</summary>
public sealed class AveragedPerceptronTrainer
    : AveragedLinearTrainer<BinaryPredictionTransformer<LinearBinaryModelParameters>, LinearBinaryModelParameters>
{
    private readonly Options _options;

    internal AveragedPerceptronTrainer(Random random, Options options)
        : base(random, options) => _options = options;

    private protected override LinearBinaryModelParameters TrainModel(Example[] examples, DataShape shape, LinearModelParameters initial)
    {
        NoExamples(examples);
        var state = new State(_options, initial?.CopyWeights() ?? new float[shape.Features], initial?.Bias ?? 0);
        for (var iteration = 0; iteration < _options.NumberOfIterations; iteration++)
        {
            if (_options.Shuffle && shape.CanShuffle)
                Shuffle(examples);
            foreach (var example in examples)
                state.Update(example);
            state.EndPass();
        }

        return state.ToModel();
    }

    private protected override BinaryPredictionTransformer<LinearBinaryModelParameters> MakeTransformer(
        LinearBinaryModelParameters model, DataViewSchema schema) => new(model, FeatureColumn.Name, schema[FeatureColumn.Name].Type);

    public sealed class Options : AveragedLinearOptions
    {
        public Options() => NumberOfIterations = 10;

        public IClassificationLoss LossFunction { get; set; }
    }

    /// <summary>
    /// Weights (scale * weights) and the sum of the weights after each example. With lazy updates weights that did not
    /// change since are added once for all those examples; then changes of less than one percent of what was summed so
    /// far are let pass, as in Microsoft.ML.
    /// </summary>
    private sealed class State(Options options, float[] weights, float bias)
    {
        private const float Tolerance = .01f;

        private readonly IClassificationLoss _loss = options.LossFunction ?? new HingeLoss();
        private readonly float[] _sum = [.. weights];
        private float _bias = bias;
        private float _sumOfBias;
        private float _scale = 1;
        private double _summed;
        private int _pending;
        private double _change;
        private double _pendingChange;

        public void Update(Example example)
        {
            var output = _bias + example.Dot(weights) * _scale;
            if (_loss.Loss(output, example.Label) != 0 || options.L2Regularization > 0)
            {
                if (options.LazyUpdate && _pending > 0 && _change * Tolerance <= _pendingChange)
                    AddPending(_scale);
                var rate = options.LearningRate;
                if (options.DecreaseLearningRate)
                    rate /= MathF.Sqrt((float)_summed + _pending + 1);
                var step = -rate * _loss.Derivative(output, example.Label);
                example.AddTo(weights, step / _scale);
                _scale *= 1 - 2 * options.L2Regularization;
                if (Math.Abs(_scale) is < 1f / 1024 or > 1024)
                    ApplyScale();
                _bias += step;
                _pendingChange += Math.Abs(step);
            }

            _pending++;
            if (!options.LazyUpdate)
                AddPending(1);
        }

        public void EndPass()
        {
            AddPending(1);
            ApplyScale();
        }

        public LinearBinaryModelParameters ToModel()
        {
            Linear.Scale(_sum, 1 / (float)_summed);
            var meanBias = _sumOfBias / (float)_summed;
            return Linear.AllFinite(_sum) && float.IsFinite(meanBias)
                ? new LinearBinaryModelParameters(_sum, meanBias)
                : throw new InvalidOperationException("The training diverged: weights or bias are not finite.");
        }

        /// <summary>The bias has no scale; that Microsoft.ML scales it within a pass is kept for the same results.</summary>
        private void AddPending(float scaleOfBias)
        {
            for (var i = 0; i < weights.Length; i++)
                _sum[i] += _pending * _scale * weights[i];
            _sumOfBias += _bias * _pending * scaleOfBias;
            _summed += _pending;
            _pending = 0;
            _change += _pendingChange;
            _pendingChange = 0;
        }

        private void ApplyScale()
        {
            Linear.Scale(weights, _scale);
            _scale = 1;
        }
    }
}
