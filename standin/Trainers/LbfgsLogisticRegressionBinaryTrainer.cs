using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;

namespace Microsoft.ML.Trainers;

public abstract class LbfgsTrainerBase<TOptions, TTransformer, TModel> : TrainerEstimatorBase<TTransformer, TModel>
    where TTransformer : ISingleFeaturePredictionTransformer<TModel>
    where TModel : class
    where TOptions : LbfgsTrainerBase<TOptions, TTransformer, TModel>.OptionsBase, new()
{
    private readonly OptionsBase _options;

    private protected LbfgsTrainerBase(Random random, TOptions options)
        : base(random, true, options.LabelColumnName, options.FeatureColumnName, options.ExampleWeightColumnName)
    {
        options.Validate();
        _options = options;
    }

    public override TrainerInfo Info { get; } = new(needNormalization: true, wantCaching: true);

    /// <summary>
    /// Minimizes (Σ weight log-loss + l2/2 |w|²)/Σ weight + l1 |w|₁/rows; the bias, not penalized, is the first parameter.
    /// </summary>
    private protected double[] Optimize(Example[] examples, int length, LinearModelParameters initial)
    {
        NoExamples(examples);
        var total = examples.Sum(e => (double)e.Weight);
        var l1 = (double)_options.L1Regularization / examples.Length;
        var minimizer = new LbfgsMinimizer(Objective, l1, 1, _options.HistorySize, _options.OptimizationTolerance, _options.MaximumNumberOfIterations);
        return minimizer.Minimize(initial == null ? new double[length + 1] : [initial.Bias, .. initial.Weights.Select(w => (double)w)]);

        double Objective(double[] x, double[] gradient)
        {
            double l2 = _options.L2Regularization, loss = 0;
            Array.Clear(gradient);
            foreach (var example in examples)
            {
                var score = x[0] + example.Dot(x.AsSpan(1));
                var margin = example.Label > 0 ? score : -score;
                loss += example.Weight * (Math.Max(0, -margin) + Math.Log(1 + Math.Exp(-Math.Abs(margin))));
                var derivative = example.Weight * (1 / (1 + Math.Exp(-score)) - example.Label);
                gradient[0] += derivative;
                example.AddTo(gradient.AsSpan(1), derivative);
            }

            for (var i = 1; i < x.Length; i++)
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
        : base(random, options) { }

    public BinaryPredictionTransformer<CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator>> Fit(
        IDataView trainData, LinearModelParameters modelParameters) => Train(trainData, modelParameters);

    private protected override CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator> TrainModel(
        Example[] examples, int length, bool canShuffle, LinearModelParameters initial)
    {
        var parameters = Array.ConvertAll(Optimize(examples, length, initial), p => (float)p);
        return CalibratedLinear.Sigmoid(parameters[1..], parameters[0]);
    }

    private protected override BinaryPredictionTransformer<CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator>> MakeTransformer(
        CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator> model, DataViewType featureType) =>
        new(model, FeatureColumn.Name, featureType);

    public sealed class Options : OptionsBase
    {
    }
}
