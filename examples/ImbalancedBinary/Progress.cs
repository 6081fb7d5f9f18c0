using FocalMlNet;
using Spectre.Console;

namespace ImbalancedBinary;

/// <summary>A bar on a terminal; a line at the beginning where the output goes into a file.</summary>
internal static class Progress
{
    /// <summary>Does work and shows how it stands.</summary>
    public static T Show<T>(string title, Func<IProgress<TuningProgress>, T> work)
    {
        if (Console.IsOutputRedirected)
        {
            Console.WriteLine($"{title} ...");
            return work(new Silent());
        }

        return AnsiConsole.Progress().AutoClear(true).Start(screen =>
        {
            var task = screen.AddTask(title);
            return work(new Bar(task, title));
        });
    }

    // System.Progress<T> reports on another thread, and may do so after the bar is gone.
    private sealed class Bar(ProgressTask task, string title) : IProgress<TuningProgress>
    {
        public void Report(TuningProgress value)
        {
            task.Value = 100.0 * value.Done / value.Total;
            task.Description = $"{title}, fold {value.Fold} of {value.FoldCount}";
        }
    }

    private sealed class Silent : IProgress<TuningProgress>
    {
        public void Report(TuningProgress value)
        {
        }
    }
}
