using Microsoft.ML.Data;

namespace Microsoft.ML.Trainers;

/// <summary>Multinomial logistic regression by L-BFGS.</summary>
public sealed class LbfgsMaximumEntropyMulticlassTrainer : LbfgsTrainerBase<
    LbfgsMaximumEntropyMulticlassTrainer.Options, MulticlassPredictionTransformer<MaximumEntropyModelParameters>, MaximumEntropyModelParameters>
{
    internal LbfgsMaximumEntropyMulticlassTrainer(Random random, Options options)
        : base(random, ClassifierKind.Multiclass, options) { }

    private protected override MaximumEntropyModelParameters TrainModel(Example[] examples, DataShape shape, LinearModelParameters initial)
    {
        var (classes, features) = (shape.Classes, shape.Features);
        var scores = new double[classes];
        var parameters = Optimize(examples, new double[classes * (features + 1)], classes, (example, x, gradient) =>
        {
            for (var k = 0; k < classes; k++)
                scores[k] = x[k] + example.Dot(x.AsSpan(classes + k * features, features));
            var loss = MaximumEntropy.LogLoss(scores, (int)example.Label);
            for (var k = 0; k < classes; k++)
            {
                var derivative = example.Weight * (scores[k] - (k == example.Label ? 1 : 0));
                gradient[k] += derivative;
                example.AddTo(gradient.AsSpan(classes + k * features, features), derivative);
            }

            return example.Weight * loss;
        });
        return MaximumEntropy.Model(parameters[classes..], parameters[..classes]);
    }

    private protected override MulticlassPredictionTransformer<MaximumEntropyModelParameters> MakeTransformer(
        MaximumEntropyModelParameters model, DataViewSchema schema) =>
        new(model, FeatureColumn.Name, schema[FeatureColumn.Name].Type, MulticlassColumns.KeyValues(schema[LabelColumn.Name]));

    public sealed class Options : OptionsBase
    {
    }
}

internal static class MaximumEntropy
{
    /// <summary>Turns scores into probabilities and gives -ln of that of the true class.</summary>
    public static double LogLoss(double[] scores, int label)
    {
        var largest = scores.Max();
        var own = scores[label] - largest;
        var sum = 0.0;
        for (var k = 0; k < scores.Length; k++)
            sum += scores[k] = Math.Exp(scores[k] - largest);
        for (var k = 0; k < scores.Length; k++)
            scores[k] /= sum;
        return Math.Log(sum) - own;
    }

    /// <param name="weights">The weights of the first class, then those of the second, and so on.</param>
    /// <param name="biases">One for each class.</param>
    public static MaximumEntropyModelParameters Model(double[] weights, double[] biases) => new(
        [.. Array.ConvertAll(weights, w => (float)w).Chunk(weights.Length / biases.Length)], Array.ConvertAll(biases, b => (float)b));
}
