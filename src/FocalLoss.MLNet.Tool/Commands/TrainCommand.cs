using System.CommandLine;
using FocalMlNet.Tool.Printing;
using FocalMlNet.Tool.Training;

namespace FocalMlNet.Tool.Commands;

/// <summary><c>focal train FILE --label COLUMN</c>.</summary>
internal static class TrainCommand
{
    private const string Binary = "binary", Multiclass = "multiclass";

    public static Command Make(Terminal terminal)
    {
        var file = Given.File(
            "file", "A table in UTF-8 with a header line; comma, semicolon, tab or pipe between the cells; gzip is read, too.");
        var label = Given.Text("--label", "column", "The column to predict.");
        label.Required = true;
        var positive = Given.Text("--positive", "value", "The value of that column to find. Default: the rarer one of two.");
        var task = Given.Word("--task", "Find one value of the label column, or tell all of them apart.", Binary, Multiclass);
        var ignore = Given.Columns("--ignore", "A column that must not be used, such as an identifier.");
        var keep = Given.Columns("--keep", "A column to use although it looks like an identifier or like the label.");
        var text = Given.Columns("--text", "A column of numbers that are only names.");
        var group = Given.Text(
            "--group", "column", "A column, such as the customer, whose values say which rows belong together: all held out, or none.");
        var time = Given.Text("--time", "column", "A column of times: the newest rows are held out, and nothing learns from the future.");
        var missCost = Given.Cost("--cost-fn", "What a missed positive costs; with it or --cost-fp, models are chosen by cost.");
        var alertCost = Given.Cost("--cost-fp", "What a false alert costs. Default, if the other is given: 1.");
        var quick = new Option<bool>("--quick") { Description = "Try lines only: no trees and no kernel features." };
        var rank = Given.WholeNumber("--rank", "Number of kernel features.", TrainSettings.UsualRank, 1, 10_000);
        var seed = Given.WholeNumber("--seed", "Seed of the split and of all that is random.", 1, 0, int.MaxValue);
        var output = Given.Text(
            "--out", "path", "A folder for model.zip, model.onnx and report.html, or a name that ends with .zip. Default: FILE-model.");
        var command = new Command("train", "Tunes a model on a table, judges it on rows held out, and saves it with a page.")
        {
            file, label, positive, task, ignore, keep, text, group, time, missCost, alertCost, quick, rank, seed, output,
        };
        command.SetAction(parsed =>
        {
            var isMulticlass = parsed.GetValue(task) == Multiclass;
            var (fn, fp) = (parsed.GetValue(missCost), parsed.GetValue(alertCost));
            if (isMulticlass && parsed.GetValue(positive) is not null)
            {
                throw new UserErrorException(
                    "--positive is for --task binary: with --task multiclass every value of the label column is a class.");
            }

            if (isMulticlass && (fn ?? fp) is not null)
                throw new UserErrorException($"{(fn is null ? "--cost-fp" : "--cost-fn")} is for --task binary.");
            if (parsed.GetResult(rank) is { Implicit: false } && (isMulticlass || parsed.GetValue(quick)))
            {
                throw new UserErrorException("--rank is the number of kernel features, but "
                    + $"{(isMulticlass ? "--task multiclass" : "--quick")} tries none.");
            }

            TrainRun.Run(
                new()
                {
                    File = parsed.GetValue(file)!,
                    Label = parsed.GetValue(label)!,
                    IsMulticlass = isMulticlass,
                    Positive = parsed.GetValue(positive),
                    Ignore = parsed.GetValue(ignore) ?? [],
                    Keep = parsed.GetValue(keep) ?? [],
                    Text = parsed.GetValue(text) ?? [],
                    Group = parsed.GetValue(group),
                    Time = parsed.GetValue(time),
                    Costs = (fn ?? fp) is null ? null : new CostMatrix(0, -(fp ?? 1), -(fn ?? 1), 0),
                    Quick = parsed.GetValue(quick),
                    Rank = parsed.GetValue(rank),
                    Seed = parsed.GetValue(seed),
                    Out = parsed.GetValue(output),
                },
                terminal);
        });
        return command;
    }
}
