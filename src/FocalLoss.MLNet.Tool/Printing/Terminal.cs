using System.Text;
using Spectre.Console;

namespace FocalMlNet.Tool.Printing;

/// <summary>Standard output: with colours and a progress bar on a terminal, as plain text in a file or a pipe.</summary>
internal sealed class Terminal
{
    private const int PlainWidth = 80;

    private Terminal(IAnsiConsole console, TextWriter errors, bool isPlain, bool canAsk)
        => (Out, Errors, IsPlain, CanAsk) = (console, errors, isPlain, canAsk);

    /// <summary>Where to write.</summary>
    public IAnsiConsole Out { get; }

    /// <summary>For what is no result.</summary>
    public TextWriter Errors { get; }

    /// <summary>Whether there are no colours, no bold print and no cursor.</summary>
    public bool IsPlain { get; }

    /// <summary>Whether somebody is there to answer a question.</summary>
    public bool CanAsk { get; }

    /// <summary>Columns of a line.</summary>
    public int Width => Out.Profile.Width;

    /// <summary>The one that the program was started from.</summary>
    public static Terminal OfProgram()
    {
        if (!Console.IsOutputRedirected)
        {
            Console.OutputEncoding = Encoding.UTF8;
            var isPlain = !AnsiConsole.Console.Profile.Capabilities.Ansi;
            return new(AnsiConsole.Console, Console.Error, isPlain, !Console.IsInputRedirected);
        }

        return Plain(new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false)) { AutoFlush = true }, Console.Error);
    }

    /// <summary>One that writes plain text.</summary>
    public static Terminal Plain(TextWriter output, TextWriter errors)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = PlainWidth;
        return new(console, errors, isPlain: true, canAsk: false);
    }

    /// <summary>Writes text, broken between words.</summary>
    public void Line(string text = "") => Out.WriteLine(text);

    /// <summary>Asks for one of several answers; the first is taken for Enter.</summary>
    public string Ask(string question, params IReadOnlyList<string> answers)
        => Out.Prompt(new TextPrompt<string>(question).AddChoices(answers).DefaultValue(answers[0]).ShowChoices(false));

    /// <summary>Does work of which the progress is shown.</summary>
    /// <param name="title">What is done.</param>
    /// <param name="work">The work. It is given what to tell how much is done, from 0 to 1.</param>
    public T Work<T>(string title, Func<IProgress<double>, T> work)
    {
        if (IsPlain)
        {
            Line($"{title} ...");
            return work(new Share(_ => { }));
        }

        return Out.Progress()
            .AutoClear(true)
            .Columns(
                new SpinnerColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 30 },
                new PercentageColumn(), new ElapsedTimeColumn())
            .Start(progress =>
            {
                var task = progress.AddTask(Markup.Escape(title), maxValue: 1);
                var result = work(new Share(done => task.Value = Math.Max(task.Value, Math.Min(done, 1))));
                task.Value = 1;
                return result;
            });
    }

    private sealed class Share(Action<double> tell) : IProgress<double>
    {
        public void Report(double value) => tell(value);
    }
}
