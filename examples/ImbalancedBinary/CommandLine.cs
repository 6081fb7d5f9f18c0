using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace ImbalancedBinary;

/// <summary>Options in, exit code out: 0 for success, 2 for what the user can put right, with one line on standard error.</summary>
internal static class CommandLine
{
    private static readonly Option<string?> Data = new("--data")
    {
        Description = "A table with a header line; comma, semicolon, tab or pipe between the cells. Default: data/shuttle.csv.",
        HelpName = "file",
        Validators = { NotEmpty },
    };

    private static readonly Option<string> Task = new("--task")
    {
        Description = "Two classes, one of them rare, or all classes of the label column.",
        HelpName = "binary|multiclass",
        DefaultValueFactory = _ => Settings.Binary,
        Validators =
        {
            result =>
            {
                if (result.Tokens is [{ Value: not (Settings.Binary or Settings.Multiclass) } other])
                    result.AddError($"--task = {other.Value}, but it should be {Settings.Binary} or {Settings.Multiclass}.");
            },
        },
    };

    private static readonly Option<string?> Label = new("--label")
    {
        Description = "The column to predict. Default for data/shuttle.csv: Class.",
        HelpName = "column",
    };

    private static readonly Option<string?> Positive = new("--positive")
    {
        Description = "The value of that column that is rare. Default for data/shuttle.csv: Fpv.Open.",
        HelpName = "value",
    };

    private static readonly Option<string[]> Text = new("--text")
    {
        Description = "A column of numbers that are only names, to be one-hot encoded as text columns are. May be repeated.",
        HelpName = "column",
    };

    private static readonly Option<string[]> Ignore = new("--ignore")
    {
        Description = "A column that must not be used, such as an identifier. May be repeated.",
        HelpName = "column",
    };

    private static readonly Option<int> Seed = WholeNumber("--seed", "Seed of the split and of the trainers.", 1, 0, int.MaxValue);

    private static readonly Option<int> Rank = WholeNumber("--rank", "Number of kernel features.", 200, 1, 10_000);

    private static readonly Option<string> Output = new("--output")
    {
        Description = "Where the best model is saved.",
        HelpName = "file",
        DefaultValueFactory = _ => Path.Combine("artifacts", "imbalanced-binary-model.zip"),
        Validators = { NotEmpty },
    };

    /// <summary>Runs <paramref name="work"/> with the settings in <paramref name="arguments"/>.</summary>
    public static int Run(string[] arguments, Action<Settings> work)
    {
        var command = new RootCommand(
            "Compares focal loss with plain and weighted logistic regression on a table whose positives are rare, and saves the best "
            + "model. An empty cell, NA, N/A, NaN, null or ? in a column of numbers is a missing value; such rows are left out and "
            + "counted, as are rows without a label.")
        {
            Task, Data, Label, Positive, Text, Ignore, Seed, Rank, Output,
        };
        command.SetAction(parsed => work(ToSettings(parsed)));

        // A value may begin with @: it is no response file here.
        var parsed = command.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
            return Fail(parsed.Errors[0].Message);
        try
        {
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (UserErrorException error)
        {
            return Fail(error.Message);
        }
    }

    private static Settings ToSettings(ParseResult parsed)
    {
        var file = parsed.GetValue(Data);
        if (file is not null && parsed.GetValue(Label) is null)
            throw new UserErrorException("--data needs --label COLUMN: the column to predict.");
        var task = parsed.GetValue(Task)!;
        if (task == Settings.Multiclass && parsed.GetValue(Positive) is not null)
            throw new UserErrorException("--positive is for --task binary: with --task multiclass every value of the label column is a "
                + "class.");
        if (task == Settings.Binary && file is not null && parsed.GetValue(Positive) is null)
            throw new UserErrorException("--data needs --positive VALUE: the value of the label column that is rare.");
        return new Settings
        {
            Task = task,
            DataFile = file ?? Settings.FindShuttle(),
            Label = parsed.GetValue(Label) ?? "Class",
            Positive = parsed.GetValue(Positive) ?? "Fpv.Open",
            TextColumns = parsed.GetValue(Text) ?? [],
            IgnoredColumns = parsed.GetValue(Ignore) ?? [],
            Seed = parsed.GetValue(Seed),
            Rank = parsed.GetValue(Rank),
            Output = parsed.GetValue(Output)!,
        };
    }

    private static Option<int> WholeNumber(string name, string description, int byDefault, int least, int most) => new(name)
    {
        Description = description,
        HelpName = "number",
        DefaultValueFactory = _ => byDefault,
        CustomParser = result =>
        {
            var text = result.Tokens[^1].Value;
            if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least
                && value <= most)
                return value;
            result.AddError($"{name} = {text}, but it should be a whole number in [{least}; {most}].");
            return byDefault;
        },
    };

    private static void NotEmpty(OptionResult result)
    {
        if (result.Tokens is [{ Value: "" }])
            result.AddError($"{result.Option.Name} is empty, but it should name a file.");
    }

    private static int Fail(string message)
    {
        var line = string.Concat(message.Select(c => char.IsControl(c) ? ' ' : c));
        Console.Error.WriteLine($"Error: {line}");
        return 2;
    }
}
