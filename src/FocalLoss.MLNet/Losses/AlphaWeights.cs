namespace FocalMlNet;

/// <summary>What alpha means: the positive class weighs alpha and the negative class 1 - alpha; without alpha both weigh 1.</summary>
internal static class AlphaWeights
{
    public static (double Positive, double Negative) Of(double? alpha) => alpha is { } given ? (given, 1 - given) : (1, 1);
}
