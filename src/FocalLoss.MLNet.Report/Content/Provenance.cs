using System.Globalization;
using System.Reflection;
using Microsoft.ML;

namespace FocalMlNet.Report;

/// <summary>How a page was made.</summary>
internal static class Provenance
{
    /// <summary>What the options tell, then what is known without them.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Of(
        DecisionReportOptions options, long rows, TimeProvider time, params IEnumerable<KeyValuePair<string, string>> more) =>
    [
        .. options.Provenance,
        KeyValuePair.Create("Held-out rows", ShortNumber.Count(rows)),
        .. more,
        KeyValuePair.Create("Made", time.GetUtcNow().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)),
        KeyValuePair.Create("Versions",
            $"FocalLoss.MLNet {Version(typeof(FocalLoss))}, Microsoft.ML {Version(typeof(MLContext))}, .NET {Environment.Version}"),
    ];

    /// <summary>Without what a build adds behind a plus sign.</summary>
    private static string Version(Type type)
        => type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
            ?? $"{type.Assembly.GetName().Version}";
}
