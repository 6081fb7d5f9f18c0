using System.CommandLine;
using FocalMlNet.Tool.Printing;
using FocalMlNet.Tool.Scoring;

namespace FocalMlNet.Tool.Commands;

/// <summary><c>focal score MODEL FILE</c>.</summary>
internal static class ScoreCommand
{
    public static Command Make(Terminal terminal)
    {
        var model = Given.File("model", "A model that focal train has saved, or another whose input columns are single numbers and texts.");
        var file = Given.File("file", "A table with the columns that the model asks for, and any others.");
        var output = Given.Text("--out", "file", "Where the table goes, with the columns that the model adds. Default: standard output.");
        var command = new Command("score", "Adds what a model says to each row of a table, whatever its size.") { model, file, output };
        command.SetAction(parsed => ScoreRun.Run(parsed.GetValue(model)!, parsed.GetValue(file)!, parsed.GetValue(output), terminal));
        return command;
    }
}
