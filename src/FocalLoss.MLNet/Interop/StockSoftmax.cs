using System.Reflection;
using Microsoft.ML.Trainers;

namespace FocalMlNet.Interop;

/// <summary>
/// Makes a stock one-versus-all model take the softmax of its binary models' scores. It can do so, saves and loads that, and exports it to ONNX (LightGBM's models are of that
/// kind); only there is no public way to ask for it.
/// </summary>
/// <remarks>
/// With public means there is an approximation: σ(z - C) is nearly e^(z - C) for a C above all scores. But floats have no more than e^-87 below and accuracy wants e^-13 above, and the
/// scores of rows that lie far out span more than that: their classes would come out equal, or all 0. Hence this one look behind the scenes.
/// </remarks>
internal static class StockSoftmax
{
    private const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly FieldInfo? Implementation = typeof(OneVersusAllModelParameters).GetField("_impl", Hidden);

    private static readonly ConstructorInfo? Constructor = typeof(OneVersusAllModelParameters)
        .GetNestedType("ImplSoftmax", BindingFlags.NonPublic)?.GetConstructors(Hidden).FirstOrDefault(c => c.GetParameters() is [{ ParameterType.IsArray: true }]);

    /// <summary>From here on the score of class k is e^z_k / Σ_j e^z_j, with the score z_k of scores[k].</summary>
    /// <exception cref="NotSupportedException">This version of Microsoft.ML is another inside.</exception>
    public static void Set(OneVersusAllModelParameters model, LinearBinaryModelParameters[] scores)
    {
        if (Implementation is null || Constructor is null)
        {
            throw new NotSupportedException(
                "This version of Microsoft.ML does not let its one-versus-all model take a softmax as Microsoft.ML 5 does: choose Formulation = OneVersusAll.");
        }

        var models = Array.CreateInstance(Constructor.GetParameters()[0].ParameterType.GetElementType()!, scores.Length);
        Array.Copy(scores, models, scores.Length);
        Implementation.SetValue(model, Constructor.Invoke([models]));
    }
}
