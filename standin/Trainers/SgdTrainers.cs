using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;

namespace Microsoft.ML.Trainers;

public abstract class LinearTrainerBase<TTransformer, TModel> : TrainerEstimatorBase<TTransformer, TModel>
    where TTransformer : ISingleFeaturePredictionTransformer<TModel>
    where TModel : class
{
    private protected LinearTrainerBase(Random random, ClassifierKind kind, TrainerInputBaseWithWeight options)
        : base(random, kind, options.LabelColumnName, options.FeatureColumnName, options.ExampleWeightColumnName) { }

    public override TrainerInfo Info { get; } = new(needNormalization: true, wantCaching: true);
}

/// <summary>
/// Stochastic gradient descent with the rate η/(1 + η λ t) after t examples (Bottou, "Stochastic Gradient Descent
/// Tricks", 2012). As in Microsoft.ML 5.0 all iterations are run, whatever <see cref="OptionsBase.ConvergenceTolerance"/>
/// says: there the test is evaluated, but ends nothing.
/// </summary>
public abstract class SgdBinaryTrainerBase<TModel> : LinearTrainerBase<BinaryPredictionTransformer<TModel>, TModel>
    where TModel : class
{
    private readonly OptionsBase _options;
    private readonly IClassificationLoss _loss;

    private protected SgdBinaryTrainerBase(Random random, ClassifierKind kind, OptionsBase options, IClassificationLoss loss)
        : base(random, kind, options)
    {
        _options = options;
        _loss = loss;
    }

    public BinaryPredictionTransformer<TModel> Fit(IDataView trainData, LinearModelParameters modelParameters) => Train(trainData, modelParameters);

    private protected sealed override TModel TrainModel(Example[] examples, DataShape shape, LinearModelParameters initial)
    {
        Argument.Require(!(_options.NumberOfThreads <= 0), nameof(_options.NumberOfThreads), "null or above 0");
        var weights = initial?.CopyWeights() ?? new float[shape.Features];
        var bias = initial?.Bias ?? 0;
        var l2 = (double)_options.L2Regularization;
        var scale = 1.0; // the weights are scale * weights
        long t = 0;
        for (var epoch = 0; epoch < _options.NumberOfIterations; epoch++)
        {
            if (_options.Shuffle)
                Shuffle(examples);
            foreach (var example in examples)
            {
                var score = example.Dot(weights) * (float)scale + bias;
                var derivative = example.Weight * _loss.Derivative(score, example.Label);
                if (example.Label > 0)
                    derivative *= _options.PositiveInstanceWeight;
                var rate = _options.LearningRate / (1 + _options.LearningRate * l2 * t++);
                var step = -derivative * rate;
                scale *= 1 - rate * l2;
                example.AddTo(weights, (float)(step / scale));
                bias += (float)step;
            }

            if (scale < 1e-8)
            {
                Linear.Scale(weights, (float)scale);
                scale = 1;
            }
        }

        Linear.Scale(weights, (float)scale);
        return MakeModel(weights, bias);
    }

    private protected abstract TModel MakeModel(float[] weights, float bias);

    private protected sealed override BinaryPredictionTransformer<TModel> MakeTransformer(TModel model, DataViewSchema schema) =>
        new(model, FeatureColumn.Name, schema[FeatureColumn.Name].Type);

    public class OptionsBase : TrainerInputBaseWithWeight
    {
        public float L2Regularization = 1e-6f;
        public int? NumberOfThreads;
        public double ConvergenceTolerance = 1e-4;
        public int NumberOfIterations = 20;
        public double LearningRate = .01;
        public bool Shuffle = true;
        public float PositiveInstanceWeight = 1;
        public int? CheckFrequency;

        internal void Validate()
        {
            Argument.Require(L2Regularization >= 0, nameof(L2Regularization), "0 or above");
            Argument.Require(LearningRate > 0, nameof(LearningRate), "above 0");
            Argument.Require(NumberOfIterations > 0, nameof(NumberOfIterations), "above 0");
            Argument.Require(PositiveInstanceWeight > 0, nameof(PositiveInstanceWeight), "above 0");
            if (LearningRate * L2Regularization >= 1)
                LearningRate = .5f / L2Regularization;
        }
    }
}

public sealed class SgdCalibratedTrainer : SgdBinaryTrainerBase<CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator>>
{
    internal SgdCalibratedTrainer(Random random, Options options)
        : base(random, ClassifierKind.CalibratedBinary, options, new LogLoss()) { }

    private protected override CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator> MakeModel(float[] weights, float bias) =>
        CalibratedLinear.Sigmoid(weights, bias);

    public sealed class Options : OptionsBase
    {
    }
}

public sealed class SgdNonCalibratedTrainer : SgdBinaryTrainerBase<LinearBinaryModelParameters>
{
    internal SgdNonCalibratedTrainer(Random random, Options options)
        : base(random, ClassifierKind.Binary, options, options.LossFunction ?? new LogLoss()) { }

    private protected override LinearBinaryModelParameters MakeModel(float[] weights, float bias) => new(weights, bias);

    public sealed class Options : OptionsBase
    {
        public IClassificationLoss LossFunction = new LogLoss();
    }
}
