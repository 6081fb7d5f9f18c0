using System.Diagnostics;
using System.Globalization;
using FocalMlNet.Matrix;
using Microsoft.ML;

namespace FocalMlNet.Bench;

/// <summary>
/// Fits to dense data beside PyTorch's L-BFGS on the same objective, in turns, until PyTorch's is as low as that of our fit. The Python is
/// that of the variable PYTHON, or Debian's; one with a faster BLAS is measured too if the variable TORCH_BLAS has its folders.
/// </summary>
internal static class TorchBenchmark
{
    /// <summary>How this program is called: alone, or with the names of some shapes.</summary>
    public const string Command = "torch";

    private const int Rounds = 7;
    private const int MostEvaluations = 200;
    private const double Gamma = 2;

    /// <summary>The least gap that is asked of PyTorch: a few roundings of single precision.</summary>
    private const double LeastGap = 1e-6;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    private static readonly (string Name, string Title, Func<MLContext, IDataView> View)[] Shapes =
    [
        ("kernel", "46,400 × 200 kernel features", mlContext => KernelBenchmark.Views(mlContext).Train),
        ("300", "100,000 × 300", new CorrelatedData(100_000, 300, .01, 0).Cached),
        ("300-correlated", "100,000 × 300, correlation .5", new CorrelatedData(100_000, 300, .01, .5).Cached),
        ("1000", "40,000 × 1,000", new CorrelatedData(40_000, 1000, .01, 0).Cached),
        ("1000-correlated", "40,000 × 1,000, correlation .5", new CorrelatedData(40_000, 1000, .01, .5).Cached),
        ("800k", "800,000 × 30", new CorrelatedData(800_000, 30, .01, 0).Cached),
        ("800k-correlated", "800,000 × 30, correlation .5", new CorrelatedData(800_000, 30, .01, .5).Cached),
        ("285k", "285,000 × 30, two Gaussians", new SkewedData(285_000, 30, .0017).Cached),
    ];

    public static void Run(IReadOnlyList<string> names)
    {
        var parts = Directory.CreateDirectory(Path.Combine(Results.RepositoryFolder(), "artifacts", "torch")).FullName;
        foreach (var (name, title, view) in Shapes.Where(shape => names.Count == 0 || names.Contains(shape.Name, StringComparer.Ordinal)))
            File.WriteAllLines(Path.Combine(parts, name), Measure(title, view(new MLContext(seed: 1))));
        WritePage(parts);
    }

    /// <summary>The page, of the last measurement of each shape: one at a time leaves the machine to others in between.</summary>
    private static void WritePage(string parts)
    {
        var measured = Shapes.Select(shape => Path.Combine(parts, shape.Name)).Where(File.Exists).Select(File.ReadAllLines).ToArray();
        var results = new Results("PyTorch's L-BFGS on the same objective");
        results.Add(
            $"The mean focal loss, γ = {Gamma}, with the penalty 1e-7 given. Ours is `Fit` on a cached view, without "
            + "calibration, at the defaults but for the penalty; reading the view is within its seconds and told apart. PyTorch "
            + "is `torch.optim.LBFGS` with strong-Wolfe line search on two threads, from the same start, the best constant "
            + "score; its matrix is in memory before the clock starts. *Plain* is what one writes: the loss in three lines, "
            + "autograd, the matrix row after row. *Tuned* is as fast as we could make it: value and gradient written out, the "
            + "matrix column after column, and the BLAS that is named. Either way waiting threads sleep "
            + "(`OMP_WAIT_POLICY=passive`: they fought over the two cores otherwise), and the faster one of features as given "
            + "and standardised is shown, the moments within the seconds.");
        results.Add("");
        results.Add("PyTorch is stopped, by an oracle that costs it nothing, at the first evaluation whose objective is as little above "
            + "the least as that of our fit is (1e-6 at the least), relatively; ours finds out by itself where to stop. Objectives are "
            + "computed in double precision; the least is the lowest of all that were seen, a run of ours to a tolerance of 1e-10 "
            + "among them.");
        results.Add("");
        results.Add($"Seconds are medians of {Rounds} rounds in which all take turns; \"times ours\" is the median of the ratios within a "
            + "round. In brackets PyTorch's evaluations, each value and gradient.");
        results.Add("");
        var processes = measured.SelectMany(part => part.Skip(1)).Select(line => line.Split('\t'))
            .GroupBy(cells => cells[0], StringComparer.Ordinal).ToArray();
        foreach (var process in processes)
        {
            results.Add($"## {process.Key}");
            results.Add("");
            results.AddTable(
                ["shape", "positives", "gap", "ours, s", "of it reading", "PyTorch, s", "features", "times ours",
                    "PyTorch to 1e-3, s", "times ours"],
                process.Select(cells => cells[2..]));
            var least = process.Min(cells => double.Parse(cells[1], CultureInfo.InvariantCulture));
            results.AddBar("at least 3 times as fast on every shape (ours by PyTorch's time)", 1 / least, 1 / 3.0);
            results.Add("");
        }

        results.Save("torch");
    }

    /// <summary>The shape's name and, for each Python, its name, the ratio and the cells of its row, divided by tabs.</summary>
    private static List<string> Measure(string title, IDataView view)
    {
        var data = TorchData.Of(view);
        var trainers = new MLContext(seed: 1).BinaryClassification.Trainers;
        var own = new FocalSgdBinaryTrainer.Options
        {
            Calibration = CalibrationMethod.None,
            L2Regularization = LinearFit.GivenL2,
            Gamma = Gamma,
        };
        var best = trainers.FocalSgd(own with { ConvergenceTolerance = 1e-10, NumberOfIterations = 2000 }).Fit(view).Model.SubModel;
        var ours = trainers.FocalSgd(own).Fit(view).Model.SubModel;
        var start = new FocalLoss(Gamma).BestConstantScore(data.PositiveCount, data.RowCount - data.PositiveCount);
        var file = Path.GetTempFileName();
        List<TorchProcess> processes = [];
        try
        {
            data.Write(file);
            processes.AddRange(TorchProcess.StartAll());
            var (oursAt, least) = (data.Objective(ours), data.Objective(best));
            Dictionary<(TorchProcess, string), double[]> ways = [];
            foreach (var process in processes)
            {
                process.Load(file, data.RowCount, data.ColumnCount, LinearFit.GivenL2, start);
                foreach (var coordinates in TorchProcess.Coordinates)
                {
                    double[] way = [.. process.Run(coordinates, MostEvaluations).Points.Select(data.Objective)];
                    ways[(process, coordinates)] = way;
                    least = Math.Min(least, way.Min());
                }
            }

            var gap = Math.Max(LeastGap, oursAt / least - 1);
            Contestant us = new("ours", () => trainers.FocalSgd(own).Fit(view));
            List<(TorchProcess Process, TorchGoal Same, TorchGoal Thousandth)> goals =
                [.. processes.Select(process => (process, Goal(process, gap), Goal(process, 1e-3)))];
            Contestant read = new("read", () => TrainingData.Read(
                new RowReader(view, "Label", "Features", null, parallel: new() { MaxDegreeOfParallelism = Environment.ProcessorCount }),
                long.MaxValue).Dispose());
            TakeTurns([us, read], [.. goals.SelectMany(goal => new[] { goal.Same, goal.Thousandth })]);
            List<string> lines = [title];
            foreach (var (process, same, thousandth) in goals)
            {
                var ratio = us.TimesFasterThan(same.Contestant);
                lines.Add(string.Join('\t', (string[])
                [
                    process.Name, ratio.ToString(CultureInfo.InvariantCulture), title,
                    FitBenchmark.Number(100.0 * data.PositiveCount / data.RowCount, 1) + " %",
                    FitBenchmark.Scientific(oursAt / least - 1), FitBenchmark.Seconds(us.MedianSeconds),
                    FitBenchmark.Seconds(read.MedianSeconds), same.Seconds, same.Coordinates,
                    same.Times(ratio), thousandth.Seconds, thousandth.Times(us.TimesFasterThan(thousandth.Contestant)),
                ]));
                Console.WriteLine(lines[^1]);
            }

            return lines;

            // The faster one of the coordinates.
            TorchGoal Goal(TorchProcess process, double most) => TorchProcess.Coordinates
                .Select(coordinates => TorchGoal.On(process, coordinates, ways[(process, coordinates)], least * (1 + most)))
                .OrderByDescending(goal => goal.IsReached).ThenBy(goal => goal.FastestOf(3)).First();
        }
        finally
        {
            processes.ForEach(process => process.Dispose());
            File.Delete(file);
        }
    }

    private static void TakeTurns(Contestant[] ours, TorchGoal[] theirs)
    {
        foreach (var one in ours)
        {
            for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < WarmUp;)
                one.Run();
        }

        var all = ours.Length + theirs.Length;
        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < all; i++)
            {
                var k = (round + i) % all;
                if (k >= ours.Length)
                {
                    theirs[k - ours.Length].Contestant.Run();
                    continue;
                }

                var start = Stopwatch.GetTimestamp();
                ours[k].Run();
                ours[k].Seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }
    }
}

/// <summary>Evaluations of a PyTorch run up to the first that is low enough.</summary>
/// <param name="Contestant">Takes the seconds of a run as PyTorch tells them.</param>
/// <param name="Coordinates">Of the features.</param>
/// <param name="Evaluations">The evaluations.</param>
/// <param name="IsReached">Whether the last of them is low enough.</param>
internal sealed record TorchGoal(Contestant Contestant, string Coordinates, int Evaluations, bool IsReached)
{
    public string Seconds => $"{(IsReached ? "" : "> ")}{FitBenchmark.Seconds(Contestant.MedianSeconds)} ({Evaluations})";

    /// <param name="process">Runs it.</param>
    /// <param name="coordinates">Of the features.</param>
    /// <param name="way">The objective at each evaluation.</param>
    /// <param name="most">What is low enough.</param>
    public static TorchGoal On(TorchProcess process, string coordinates, double[] way, double most)
    {
        var first = Array.FindIndex(way, objective => objective <= most);
        var evaluations = first < 0 ? way.Length : first + 1;
        Contestant? contestant = null;
        contestant = new(process.Name, () => contestant!.Seconds.Add(process.Run(coordinates, evaluations).Seconds));
        return new(contestant, coordinates, evaluations, first >= 0);
    }

    public string Times(double ratio) => $"{(IsReached ? "" : "> ")}{FitBenchmark.Number(ratio, 1)}";

    /// <summary>The shortest of some runs, which warm up besides.</summary>
    public double FastestOf(int runs)
    {
        for (var i = 0; i < runs; i++)
            Contestant.Run();
        var fastest = Contestant.Seconds.Min();
        Contestant.Seconds.Clear();
        return fastest;
    }
}
