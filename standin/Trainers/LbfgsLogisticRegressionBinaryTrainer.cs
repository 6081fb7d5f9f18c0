using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;

namespace Microsoft.ML.Trainers;

public abstract class LbfgsTrainerBase<TOptions, TTransformer, TModel> : TrainerEstimatorBase<TTransformer, TModel>
    where TTransformer : ISingleFeaturePredictionTransformer<TModel>
    where TModel : class
    where TOptions : LbfgsTrainerBase<TOptions, TTransformer, TModel>.OptionsBase, new()
{
    private readonly OptionsBase _options;

    private protected LbfgsTrainerBase(Random random, ClassifierKind kind, TOptions options)
        : base(random, kind, options.LabelColumnName, options.FeatureColumnName, options.ExampleWeightColumnName)
    {
        options.Validate();
        _options = options;
    }

    public override TrainerInfo Info { get; } = new(needNormalization: true, wantCaching: true);

    /// <summary>
    /// Minimizes (Σ weight log-loss + l2/2 |w|²)/Σ weight + l1 |w|₁/rows; the biases, not penalized, are the first parameters.
    /// </summary>
    /// <param name="examples">The rows.</param>
    /// <param name="start">Where to begin: biases, then weights.</param>
    /// <param name="biases">The number of biases.</param>
    /// <param name="logLoss">The weighted log-loss of a row with parameters, whose gradient it adds.</param>
    private protected double[] Optimize(Example[] examples, double[] start, int biases, Func<Example, double[], double[], double> logLoss)
    {
        NoExamples(examples);
        var total = examples.Sum(e => (double)e.Weight);
        var l1 = (double)_options.L1Regularization / examples.Length;
        return new LbfgsMinimizer(Objective, l1, biases, _options.HistorySize, _options.OptimizationTolerance, _options.MaximumNumberOfIterations).Minimize(start);

        double Objective(double[] x, double[] gradient)
        {
            double l2 = _options.L2Regularization, loss = 0;
            Array.Clear(gradient);
            foreach (var example in examples)
                loss += logLoss(example, x, gradient);
            for (var i = biases; i < x.Length; i++)
            {
                loss += l2 / 2 * x[i] * x[i];
                gradient[i] += l2 * x[i];
            }

            for (var i = 0; i < x.Length; i++)
                gradient[i] /= total;
            return loss / total;
        }
    }

    public abstract class OptionsBase : TrainerInputBaseWithWeight
    {
        public float L2Regularization = 1;
        public float L1Regularization = 1;
        public float OptimizationTolerance = 1e-7f;
        public int HistorySize = 20;
        public int MaximumNumberOfIterations = int.MaxValue;
        public bool Quiet;
        public int? NumberOfThreads;
        public bool DenseOptimizer;
        public bool EnforceNonNegativity;

        protected OptionsBase() { }

        internal void Validate()
        {
            Argument.Require(L2Regularization >= 0, nameof(L2Regularization), "0 or above");
            Argument.Require(L1Regularization >= 0, nameof(L1Regularization), "0 or above");
            Argument.Require(OptimizationTolerance > 0, nameof(OptimizationTolerance), "above 0");
            Argument.Require(HistorySize > 0, nameof(HistorySize), "above 0");
            Argument.Require(MaximumNumberOfIterations > 0, nameof(MaximumNumberOfIterations), "above 0");
            Argument.Require(!(NumberOfThreads <= 0), nameof(NumberOfThreads), "null or above 0");
            if (EnforceNonNegativity)
                throw Errors.NotSupported("weights enforced to be non-negative (EnforceNonNegativity)");
        }
    }
}

public sealed class LbfgsLogisticRegressionBinaryTrainer : LbfgsTrainerBase<
    LbfgsLogisticRegressionBinaryTrainer.Options,
    BinaryPredictionTransformer<CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator>>,
    CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator>>
{
    internal LbfgsLogisticRegressionBinaryTrainer(Random random, Options options)
        : base(random, ClassifierKind.CalibratedBinary, options) { }

    public BinaryPredictionTransformer<CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator>> Fit(
        IDataView trainData, LinearModelParameters modelParameters) => Train(trainData, modelParameters);

    private protected override CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator> TrainModel(
        Example[] examples, DataShape shape, LinearModelParameters initial)
    {
        var start = initial == null ? new double[shape.Features + 1] : [initial.Bias, .. initial.Weights.Select(w => (double)w)];
        var parameters = Array.ConvertAll(Optimize(examples, start, 1, LogLoss), p => (float)p);
        return CalibratedLinear.Sigmoid(parameters[1..], parameters[0]);
    }

    private protected override BinaryPredictionTransformer<CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator>> MakeTransformer(
        CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator> model, DataViewSchema schema) =>
        new(model, FeatureColumn.Name, schema[FeatureColumn.Name].Type);

    private static double LogLoss(Example example, double[] x, double[] gradient)
    {
        var score = x[0] + example.Dot(x.AsSpan(1));
        var margin = example.Label > 0 ? score : -score;
        var derivative = example.Weight * (1 / (1 + Math.Exp(-score)) - example.Label);
        gradient[0] += derivative;
        example.AddTo(gradient.AsSpan(1), derivative);
        return example.Weight * (Math.Max(0, -margin) + Math.Log(1 + Math.Exp(-Math.Abs(margin))));
    }

    public sealed class Options : OptionsBase
    {
    }
}
