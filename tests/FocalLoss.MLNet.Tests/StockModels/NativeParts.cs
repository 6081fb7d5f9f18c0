
using Microsoft.ML;
using Microsoft.ML.OnnxRuntime;

namespace FocalMlNet.Tests.StockModels;

/// <summary>
/// Parts of ML.NET that call a native library. Where it cannot be loaded (LightGBM needs libgomp, no package has every processor), a test
/// that needs the part is skipped, and says why. Each part is used once to find out; only a library that does not load is a reason.
/// </summary>
internal static class NativeParts
{
    private static readonly Lazy<string?> OnnxRuntimeFault = new(() => LoadFault(() => new SessionOptions().Dispose()));

    private static readonly Lazy<string?> LightGbmFault = new(() => LoadFault(
        () => new MLContext(seed: 1).BinaryClassification.Trainers.LightGbm(numberOfIterations: 1).Fit(AFewRows())));

    private static readonly Lazy<string?> FastTreeFault = new(() => LoadFault(
        () => new MLContext(seed: 1).BinaryClassification.Trainers.FastTree(numberOfTrees: 1).Fit(AFewRows())));

    public static void NeedOnnxRuntime() => SkipIf(OnnxRuntimeFault.Value, "ONNX Runtime");

    public static void NeedLightGbm() => SkipIf(LightGbmFault.Value, "LightGBM");

    public static void NeedFastTree() => SkipIf(FastTreeFault.Value, "FastTree");

    /// <summary>
    /// Why a native library does not load; null if it does. Whatever else goes wrong is thrown. So is the lack of a function in a library
    /// that loads: then the versions of the packages do not fit, which is a fault to be seen.
    /// </summary>
    public static string? LoadFault(Action use)
    {
        try
        {
            use();
            return null;
        }
        catch (Exception error) when (LoadFailure(error) is { } failure)
        {
            return $"{failure.GetType().Name}: {failure.Message}";
        }
    }

    /// <summary>The failure to load a library, which a static constructor or a thread may have wrapped.</summary>
    private static Exception? LoadFailure(Exception? error) => error switch
    {
        DllNotFoundException or BadImageFormatException => error,
        TypeInitializationException or AggregateException => LoadFailure(error.InnerException),
        _ => null,
    };

    private static void SkipIf(string? fault, string part)
        => Assert.SkipUnless(fault is null, $"The native library of {part} cannot be loaded here. {fault}");

    private static IDataView AFewRows() => Rows.View(new MLContext(seed: 1), Rows.Gaussian(200));
}
