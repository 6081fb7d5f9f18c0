using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;

namespace Microsoft.ML.Trainers;

public abstract class LinearMulticlassModelParametersBase : ModelParametersBase<VBuffer<float>>
{
    private readonly float[][] _weights;
    private readonly float[] _biases;

    private protected LinearMulticlassModelParametersBase(float[][] weights, float[] biases)
    {
        Argument.Require(Array.TrueForAll(weights, w => Linear.AllFinite(w)), nameof(weights), "finite");
        Argument.Require(Linear.AllFinite(biases), nameof(biases), "finite");
        (_weights, _biases) = (weights, biases);
    }

    private protected int ClassCount => _biases.Length;

    private protected int FeatureCount => _weights[0].Length;

    public void GetWeights(ref VBuffer<float>[] weights, out int numClasses)
    {
        numClasses = ClassCount;
        weights = Array.ConvertAll(_weights, w => new VBuffer<float>(w.Length, [.. w]));
    }

    public IEnumerable<float> GetBiases() => [.. _biases];

    private protected void LinearScores(in VBuffer<float> features, Span<float> scores)
    {
        if (features.Length != FeatureCount)
            throw new InvalidOperationException($"The model has {FeatureCount} weights for each class, the row {features.Length} features.");
        for (var k = 0; k < scores.Length; k++)
            scores[k] = _biases[k] + Linear.Dot(features.GetValues(), features.GetIndices(), _weights[k]);
    }

    private protected override void SaveBody(BinaryWriter writer)
    {
        writer.WriteArray(_weights, w => writer.WriteArray<float>(w, writer.Write));
        writer.WriteArray<float>(_biases, writer.Write);
    }
}

/// <summary>Multinomial logistic regression: the softmax of linear scores.</summary>
public sealed class MaximumEntropyModelParameters : LinearMulticlassModelParametersBase, IClassScores
{
    internal MaximumEntropyModelParameters(float[][] weights, float[] biases)
        : base(weights, biases) { }

    int IClassScores.Classes => ClassCount;

    int IClassScores.Features => FeatureCount;

    internal static MaximumEntropyModelParameters Load(BinaryReader reader) =>
        new(reader.ReadArray(() => reader.ReadArray(reader.ReadSingle)), reader.ReadArray(reader.ReadSingle));

    void IClassScores.Score(in VBuffer<float> features, Span<float> scores)
    {
        LinearScores(features, scores);
        var largest = float.NegativeInfinity;
        foreach (var score in scores)
            largest = Math.Max(largest, score);
        var sum = 0.0;
        foreach (ref var score in scores)
            sum += score = MathF.Exp(score - largest);
        foreach (ref var score in scores)
            score = (float)(score / sum);
    }
}

/// <summary>
/// A binary model for each class: their probabilities divided by their sum, their scores as they are, or the softmax of those. As in Microsoft.ML the last cannot be asked for
/// with public means; what is private here has the names that it has there. In the stand-in the models are linear.
/// </summary>
public sealed class OneVersusAllModelParameters : ModelParametersBase<VBuffer<float>>, IClassScores
{
    private readonly ImplBase _impl;

    /// <param name="models">All calibrated, or none.</param>
    /// <param name="useProbabilities">Whether probabilities are taken if there are any.</param>
    internal OneVersusAllModelParameters(object[] models, bool useProbabilities)
        : this(useProbabilities && models[0] is CalibratedModelParametersBase ? new ImplDist(models) : new ImplRaw(models)) { }

    private OneVersusAllModelParameters(ImplBase impl) => _impl = impl;

    int IClassScores.Classes => _impl.Models.Length;

    int IClassScores.Features => _impl.Linear[0].Weights.Count;

    internal static OneVersusAllModelParameters Load(BinaryReader reader)
    {
        var (isSoftmax, isDist) = (reader.ReadBoolean(), reader.ReadBoolean());
        var models = reader.ReadArray(() => (object)reader.ReadPart<ICanSaveModel>());
        return isSoftmax ? new(new ImplSoftmax(models)) : new(models, isDist);
    }

    void IClassScores.Score(in VBuffer<float> features, Span<float> scores)
    {
        for (var k = 0; k < scores.Length; k++)
            scores[k] = _impl.Linear[k].Score(features);
        _impl.Finish(scores);
    }

    private protected override void SaveBody(BinaryWriter writer)
    {
        writer.Write(_impl is ImplSoftmax);
        writer.Write(_impl is ImplDist);
        writer.WriteArray(_impl.Models, model => writer.WritePart((ICanSaveModel)model));
    }

    private abstract class ImplBase(object[] models)
    {
        public object[] Models => models;

        public LinearModelParameters[] Linear { get; } = Array.ConvertAll(models, model =>
            (model as CalibratedModelParametersBase)?.SubModel as LinearModelParameters ?? model as LinearModelParameters
            ?? throw Errors.NotSupported($"one-versus-all of {model.GetType()}"));

        /// <summary>Turns the scores of the models into those of the classes.</summary>
        public abstract void Finish(Span<float> scores);
    }

    private sealed class ImplRaw(object[] models) : ImplBase(models)
    {
        public override void Finish(Span<float> scores) { }
    }

    private sealed class ImplDist(object[] models) : ImplBase(models)
    {
        private readonly ICalibrator[] _calibrators = Array.ConvertAll(models, model => ((CalibratedModelParametersBase)model).Calibrator);

        public override void Finish(Span<float> scores)
        {
            var sum = 0.0;
            for (var k = 0; k < scores.Length; k++)
                sum += scores[k] = _calibrators[k].PredictProbability(scores[k]);
            for (var k = 0; sum > 0 && k < scores.Length; k++)
                scores[k] = (float)(scores[k] / sum);
        }
    }

    private sealed class ImplSoftmax(object[] models) : ImplBase(models)
    {
        public override void Finish(Span<float> scores)
        {
            var sum = 0.0;
            foreach (var score in scores)
                sum += Math.Exp(score);
            foreach (ref var score in scores)
                score = (float)(Math.Exp(score) / sum);
        }
    }
}
