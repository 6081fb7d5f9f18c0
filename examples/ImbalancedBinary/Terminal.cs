using System.Text;
using Spectre.Console;

namespace ImbalancedBinary;

/// <summary>Standard output: with colours and a progress bar on a terminal, as plain text in a file or a pipe.</summary>
internal sealed class Terminal
{
    private const int PlainWidth = 120;

    public Terminal()
    {
        IsPlain = Console.IsOutputRedirected;
        if (!IsPlain)
        {
            Console.OutputEncoding = Encoding.UTF8;
            Out = AnsiConsole.Console;
            IsPlain = !Out.Profile.Capabilities.Ansi;
            return;
        }

        Out = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false)) { AutoFlush = true }),
        });
        Out.Profile.Width = PlainWidth;
    }

    /// <summary>Where to write.</summary>
    public IAnsiConsole Out { get; }

    /// <summary>Whether there are no colours, no bold print and no cursor.</summary>
    public bool IsPlain { get; }

    /// <summary>Does work of several steps, of which it shows the progress.</summary>
    /// <param name="title">What is done.</param>
    /// <param name="steps">Number of steps.</param>
    /// <param name="work">The work. It calls the action it is given at the beginning of each step, with the name of the step.</param>
    public T Work<T>(string title, int steps, Func<Action<string>, T> work)
    {
        if (IsPlain)
        {
            Out.WriteLine($"{title} ...");
            return work(_ => { });
        }

        return Out.Progress()
            .AutoClear(true)
            .Columns(new SpinnerColumn(), new ProgressBarColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(progress =>
            {
                var task = progress.AddTask(Markup.Escape(title), maxValue: steps);
                var begun = 0;
                return work(name =>
                {
                    task.Value = begun++;
                    task.Description = Markup.Escape($"{title}: {name}");
                });
            });
    }
}
