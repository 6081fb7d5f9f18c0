using System.CommandLine;
using System.Globalization;

namespace FocalMlNet.Tool.Commands;

/// <summary>Options and arguments, each of which says what is wrong with a value.</summary>
internal static class Given
{
    public static Argument<string> File(string name, string description)
    {
        var argument = new Argument<string>(name) { Description = description };
        argument.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: "" }])
                result.AddError($"{name.ToUpperInvariant()} is empty, but it should name a file.");
        });
        return argument;
    }

    public static Option<string?> Text(string name, string helpName, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = helpName };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: "" }])
                result.AddError($"{name} is empty, but it should be a {helpName}.");
        });
        return option;
    }

    public static Option<string[]> Columns(string name, string description)
        => new(name) { Description = description + " May be repeated.", HelpName = "column" };

    public static Option<int> WholeNumber(string name, string description, int byDefault, int least, int most) => new(name)
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

    public static Option<double?> Cost(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "number",
        CustomParser = result =>
        {
            var text = result.Tokens[^1].Value;
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is > 0 and <= 1e9)
                return value;
            result.AddError($"{name} = {text}, but it should be a number in (0; 1e9].");
            return null;
        },
    };

    /// <summary>Refuses a value that is not one of some words.</summary>
    public static Option<string> Word(string name, string description, params string[] words)
    {
        var option = new Option<string>(name)
        {
            Description = description,
            HelpName = string.Join('|', words),
            DefaultValueFactory = _ => words[0],
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !words.Contains(token.Value, StringComparer.Ordinal))
                result.AddError($"{name} = {token.Value}, but it should be {string.Join(" or ", words)}.");
        });
        return option;
    }
}
