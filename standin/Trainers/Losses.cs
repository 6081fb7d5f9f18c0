namespace Microsoft.ML.Trainers;

public interface ILossFunction<in TOutput, in TLabel>
{
    double Loss(TOutput output, TLabel label);
}

public interface IScalarLoss : ILossFunction<float, float>
{
    float Derivative(float output, float label);
}

public interface IClassificationLoss : IScalarLoss
{
}

/// <summary>Cross-entropy of sigmoid(output) in nats; a label above 0 is positive, probabilities count as at least 1e-8.</summary>
public sealed class LogLoss : IClassificationLoss
{
    public LogLoss() { }

    public double Loss(float output, float label)
    {
        var p = Sigmoid(output);
        return -Math.Log(Math.Max(label > 0 ? p : 1 - p, 1e-8));
    }

    public float Derivative(float output, float label)
    {
        var p = Sigmoid(output);
        return label > 0 ? p - 1 : p;
    }

    private static float Sigmoid(float x) => (float)(1 / (1 + Math.Exp(-(double)x)));
}

/// <summary>max(0, margin - y output), y = 1 for a label above 0, otherwise -1.</summary>
public sealed class HingeLoss : IClassificationLoss
{
    private readonly float _margin;

    public HingeLoss(float margin = 1) => _margin = margin;

    public double Loss(float output, float label) => Signed(output, label) < _margin ? _margin - Signed(output, label) : 0;

    public float Derivative(float output, float label) => Signed(output, label) < _margin ? label > 0 ? -1 : 1 : 0;

    private static float Signed(float output, float label) => label > 0 ? output : -output;
}
