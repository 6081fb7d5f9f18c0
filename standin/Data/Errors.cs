using System.Runtime.CompilerServices;

namespace Microsoft.ML.Data;

internal static class Errors
{
    public static Exception NoColumn(string name, string role = "input", string parameter = "inputSchema") =>
        new ArgumentOutOfRangeException(parameter, $"There is no {role} column '{name}'");
    public static Exception Mismatch(string role, string name, string expected, string got, string parameter = "inputSchema") =>
        new ArgumentOutOfRangeException(parameter, $"The {role} column '{name}' is {got}, but it should be {expected}");

    public static void CheckName(string name, [CallerArgumentExpression(nameof(name))] string parameter = null)
    {
        if (string.IsNullOrEmpty(name))
            throw new ArgumentOutOfRangeException(parameter, $"{parameter} is empty, but it should be a name");
    }

    public static Exception NotSupported(string what) =>
        new NotSupportedException($"The stand-in for Microsoft.ML does not have {what}");

    public static void CheckScope(TransformerScope scope)
    {
        if (scope != TransformerScope.Everything)
            throw NotSupported($"TransformerScope.{scope}");
    }
}
