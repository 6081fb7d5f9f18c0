using System.CommandLine;
using FocalMlNet.Tool.Printing;

namespace FocalMlNet.Tool.Commands;

/// <summary>Arguments in, exit code out: 0 for success, 2 for what the user can put right, with one line on standard error.</summary>
internal static class CommandLine
{
    public static int Run(string[] arguments, Terminal terminal)
    {
        var root = new RootCommand("From a table with a rare class to a tuned ML.NET model, scores for new files, and a page to decide by.")
        {
            TrainCommand.Make(terminal), ScoreCommand.Make(terminal), EvaluateCommand.Make(terminal),
        };

        // A value may begin with @: it is no response file here.
        var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            return Fail(terminal, parsed.CommandResult.Command != root ? parsed.Errors[0].Message
                : parsed.UnmatchedTokens is [var unknown, ..]
                    ? $"There is no command '{unknown}': it should be train, score or evaluate."
                    : "A command is needed: train, score or evaluate. --help tells more.");
        }

        try
        {
            return parsed.Invoke(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                Output = terminal.Out.Profile.Out.Writer,
                Error = terminal.Errors,
            });
        }
        catch (Exception error) when (error is UserErrorException || Refusal.Is(error))
        {
            return Fail(terminal, error.Message);
        }
    }

    private static int Fail(Terminal terminal, string message)
    {
        var line = string.Concat(message.Select(c => char.IsControl(c) ? ' ' : c));
        terminal.Errors.WriteLine($"Error: {line}");
        return 2;
    }
}
