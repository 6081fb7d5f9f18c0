using System.Reflection;
using FocalMlNet.Tool.Commands;
using FocalMlNet.Tool.Printing;

namespace FocalMlNet.Tool;

/// <summary>The command <c>focal</c>.</summary>
public static class Program
{
    internal static string Version
        => typeof(Program).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>Runs a command: <c>train</c>, <c>score</c> or <c>evaluate</c>, as <c>--help</c> says.</summary>
    /// <param name="args">The command with its arguments and options.</param>
    /// <returns>0 for success; 2, with one line on standard error, for what the user can put right.</returns>
    public static int Main(string[] args) => CommandLine.Run(args, Terminal.OfProgram());
}
