using System.Numerics.Tensors;
using FocalMlNet.Views;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using static Microsoft.ML.BinaryClassificationCatalog;

namespace FocalMlNet.StockModels;

/// <summary>
/// Puts given weights and bias into a model of ML.NET's own types. The constructors of those types are closed, so a stock trainer is made
/// to arrive at just these numbers.
/// </summary>
internal static class StockModel
{
    /// <summary>Each brings the bias some three digits nearer to 0.</summary>
    private const int MostRows = 12;

    /// <summary>At a score below this the stock σ is ½ to the bit.</summary>
    private const float ScoreOfAHalf = 1f / (1 << 25);

    /// <summary>
    /// A calibrated linear model with exactly these weights and this bias; its Platt calibrator is σ(score).
    /// </summary>
    /// <remarks>
    /// SgdCalibrated takes one pass over a few rows, on one thread, in order, with learning rate 1 and no regularisation. The first row has
    /// features w 2^(k+1), label true and example weight 2^-k: at score 0 the slope of log-loss is -1/2, so the step adds exactly w to the
    /// weights (powers of two do not round), and 2^-(k+1) to the bias. Rows without features bring the bias back to 0, from where the last
    /// one, with example weight 2 |b|, takes it to b. What the model then holds is read back and compared.
    /// </remarks>
    /// <param name="trainers">The catalog that has the stock trainer.</param>
    /// <param name="labelColumnName">Name of the label column in the model's training schema.</param>
    /// <param name="features">The feature column of the training data.</param>
    /// <param name="weights">One finite weight per feature.</param>
    /// <param name="bias">The finite bias.</param>
    /// <exception cref="InvalidOperationException">A weight or the bias is not finite.</exception>
    /// <exception cref="NotSupportedException">This version of Microsoft.ML computes otherwise.</exception>
    public static BinaryPredictionTransformer<BinaryModel> Create(
        BinaryClassificationTrainers trainers, string labelColumnName, DataViewSchema.Column features, ReadOnlySpan<float> weights,
        float bias)
    {
        CheckFinite(weights);
        // The last example weight is twice as large.
        CheckFinite([2 * bias]);

        // The largest k for which neither w 2^(k+1) nor 2^-k leaves the range of normal floats.
        var largest = TensorPrimitives.MaxMagnitude(weights);
        var k = largest == 0 ? 120 : Math.Min(120, 125 - MathF.ILogB(largest));
        var scaled = new float[weights.Length];
        for (var j = 0; j < scaled.Length; j++)
            scaled[j] = MathF.ScaleB(weights[j], k + 1);
        var script = new Script(trainers, labelColumnName, features, scaled, MathF.ScaleB(1, -k));

        // Where k is small the bias has come so far that the slope is no half: step by step, then.
        for (var reached = MathF.ScaleB(1, -k - 1); reached != 0;)
        {
            var distance = Math.Abs(reached);
            var isNear = distance < ScoreOfAHalf;
            script.Add(label: reached < 0, isNear ? 2 * distance : (float)(distance * (1 + Math.Exp(-distance))));
            reached = isNear ? 0 : script.Run().Model.SubModel.Bias;
            if (script.Length > MostRows)
                throw NotExact();
        }

        script.Add(label: bias > 0, 2 * Math.Abs(bias));
        var model = script.Run();
        var linear = model.Model.SubModel;
        return linear.Bias == bias && weights.SequenceEqual([.. linear.Weights]) ? model : throw NotExact();
    }

    /// <exception cref="InvalidOperationException">A number is not finite.</exception>
    public static void CheckFinite(ReadOnlySpan<float> numbers)
    {
        if (!TensorPrimitives.IsFiniteAll(numbers))
            throw new InvalidOperationException("The trained weights are not finite.");
    }

    /// <summary>The error of a stock model that holds other numbers than it was given.</summary>
    public static NotSupportedException NotExact() => new(
        "This version of Microsoft.ML did not take over the trained weights exactly; FocalLoss.MLNet works with Microsoft.ML 5.");

    /// <summary>The rows that bring the stock trainer to given numbers.</summary>
    private sealed class Script(
        BinaryClassificationTrainers trainers, string labelColumnName, DataViewSchema.Column features,
        float[] firstFeatures, float firstWeight)
    {
        private readonly List<bool> _labels = [true];
        private readonly List<float> _exampleWeights = [firstWeight];

        public int Length => _labels.Count;

        /// <summary>Adds a row without features: it moves the bias only.</summary>
        public void Add(bool label, float exampleWeight)
        {
            _labels.Add(label);
            _exampleWeights.Add(exampleWeight);
        }

        public BinaryPredictionTransformer<BinaryModel> Run()
        {
            var weightColumnName = Unused("ExampleWeight", labelColumnName, features.Name);
            var vectors = new VBuffer<float>[Length];
            Array.Fill(vectors, new VBuffer<float>(firstFeatures.Length, 0, [], []));
            vectors[0] = new VBuffer<float>(firstFeatures.Length, firstFeatures);
            var view = new TinyView(
                new TinyColumn<bool>(labelColumnName, BooleanDataViewType.Instance, null, [.. _labels]),
                new TinyColumn<VBuffer<float>>(features.Name, features.Type, features.Annotations, vectors),
                new TinyColumn<float>(weightColumnName, NumberDataViewType.Single, null, [.. _exampleWeights]));
            return trainers.SgdCalibrated(new SgdCalibratedTrainer.Options
            {
                LabelColumnName = labelColumnName,
                FeatureColumnName = features.Name,
                ExampleWeightColumnName = weightColumnName,
                NumberOfIterations = 1,
                NumberOfThreads = 1,
                Shuffle = false,
                LearningRate = 1,
                L2Regularization = 0,
            }).Fit(view);
        }

        private static string Unused(string name, params string[] taken)
        {
            while (taken.Contains(name, StringComparer.Ordinal))
                name += "_";
            return name;
        }
    }
}
