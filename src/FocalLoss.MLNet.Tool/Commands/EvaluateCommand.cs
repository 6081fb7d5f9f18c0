using System.CommandLine;
using FocalMlNet.Tool.Printing;
using FocalMlNet.Tool.Scoring;

namespace FocalMlNet.Tool.Commands;

/// <summary><c>focal evaluate MODEL FILE</c>.</summary>
internal static class EvaluateCommand
{
    public static Command Make(Terminal terminal)
    {
        var model = Given.File("model", "A model, as for score.");
        var file = Given.File("file", "A table with the columns that the model asks for and the label.");
        var label = Given.Text("--label", "column", "The column with the truth. Default: the one the model was trained for.");
        var positive = Given.Text("--positive", "value", "The value that is positive. Default: that of the training.");
        var output = Given.Text("--out", "file", "The page that is written. Default: report.html.");
        var command = new Command("evaluate", "Judges a model on a table with labels, and writes a page.")
        {
            model, file, label, positive, output,
        };
        command.SetAction(parsed => EvaluateRun.Run(
            new()
            {
                Model = parsed.GetValue(model)!,
                File = parsed.GetValue(file)!,
                Label = parsed.GetValue(label),
                Positive = parsed.GetValue(positive),
                Out = parsed.GetValue(output),
            },
            terminal));
        return command;
    }
}
