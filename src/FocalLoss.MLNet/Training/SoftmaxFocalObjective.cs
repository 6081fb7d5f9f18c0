namespace FocalMlNet.Training;

/// <summary>The softmax focal loss with class weights as the solver sees it: a score for each class.</summary>
/// <param name="gamma">γ.</param>
/// <param name="classWeights">The weight of each class.</param>
internal sealed class SoftmaxFocalObjective(double gamma, double[] classWeights) : IClassObjective
{
    private readonly SoftmaxFocal.Rows _rows = new(gamma, classWeights);

    public int OutputCount => classWeights.Length;

    public double TailRate => 1 + gamma;

    public double Evaluate(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> slopes)
        => _rows.RunByClass(scores, labels, weights, slopes, SoftmaxFocal.Output.Slopes);

    public void Curvatures(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> curvatures)
        => _rows.RunByClass(scores, labels, weights, curvatures, SoftmaxFocal.Output.Curvatures);

    public bool IsCoupled => true;

    public void JointCurvatures(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> curvatures)
        => _rows.RunByClass(scores, labels, weights, curvatures, SoftmaxFocal.Output.JointCurvatures);

    public double ClassWeight(float label) => classWeights[(int)label];
}
