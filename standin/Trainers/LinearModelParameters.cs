using Microsoft.ML.Data;

namespace Microsoft.ML.Trainers;

public abstract class ModelParametersBase<TOutput> : ICanSaveModel
{
    private protected ModelParametersBase() { }

    void ICanSaveModel.Save(ModelSaveContext ctx) => ctx.Write(this, SaveBody);

    private protected abstract void SaveBody(BinaryWriter writer);
}

/// <summary>score = bias + weights · features, in floats.</summary>
public abstract class LinearModelParameters : ModelParametersBase<float>
{
    private readonly float[] _weights;

    private protected LinearModelParameters(float[] weights, float bias)
    {
        Argument.Require(Linear.AllFinite(weights), nameof(weights), "finite");
        Argument.Require(float.IsFinite(bias), nameof(bias), "finite");
        _weights = weights;
        Weights = Array.AsReadOnly(weights);
        Bias = bias;
    }

    public IReadOnlyList<float> Weights { get; }

    public float Bias { get; protected set; }

    internal float Score(in VBuffer<float> features) => features.Length == _weights.Length
        ? Bias + Linear.Dot(features.GetValues(), features.GetIndices(), _weights)
        : throw new InvalidOperationException($"The model has {_weights.Length} weights, the row {features.Length} features.");

    internal float[] CopyWeights() => [.. _weights];

    private protected override void SaveBody(BinaryWriter writer)
    {
        writer.WriteArray<float>(_weights, writer.Write);
        writer.Write(Bias);
    }
}

public sealed class LinearBinaryModelParameters : LinearModelParameters
{
    internal LinearBinaryModelParameters(float[] weights, float bias)
        : base(weights, bias) { }

    internal static LinearBinaryModelParameters Load(BinaryReader reader) => new(reader.ReadArray(reader.ReadSingle), reader.ReadSingle());
}
