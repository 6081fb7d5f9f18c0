using FocalMlNet.Data;
using Microsoft.ML;

namespace FocalMlNet.Bench;

/// <summary>What choosing the penalty takes: fits at defaults beside fits with a given one.</summary>
internal static class ChoiceBenchmark
{
    private const int Rounds = 15;

    /// <summary>From so many rows on the choice must cost next to nothing.</summary>
    private const int ManyRows = 50_000;
    private const double MostOfMany = 1.2;
    private const double MostOfFew = 6;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    public static void Run()
    {
        var results = new Results("Choosing the penalty: fits at defaults beside fits with L2 = 1e-7, cached views");
        results.Add($"Seconds, medians of {Rounds} rounds in turns; ratios are medians of those within a round. Passes are those of the "
            + "last fit over all rows. The given penalty is the same for all; the chosen one may lead to more or fewer passes.");
        results.Add("");
        List<string[]> rows = [];
        List<(string Name, double Ratio, double Most)> bars = [];
        foreach (var (name, rowCount, isBarred, make) in Shapes())
        {
            var mlContext = new MLContext(seed: 1);
            FocalSgdOutcome? outcome = null;
            List<int> passes = [];
            var fit = make(mlContext);
            Contestant[] both =
            [
                new(LinearFit.Given, () => fit(LinearFit.GivenL2, own => outcome = own)),
                new(LinearFit.Ours, () => fit(null, own => outcome = own)),
            ];
            Contest.Run(both, Rounds, WarmUp);
            foreach (var contestant in both)
            {
                contestant.Run();
                passes.Add(outcome!.Passes);
            }

            var ratio = both[0].TimesFasterThan(both[1]);
            rows.Add([name, FitBenchmark.Seconds(both[0].MedianSeconds), FitBenchmark.Seconds(both[1].MedianSeconds),
                FitBenchmark.Number(ratio), $"{passes[0]}", $"{passes[1]}", FitBenchmark.Scientific(outcome!.L2Regularization)]);
            Console.WriteLine(string.Join(" | ", rows[^1]));
            if (isBarred)
                bars.Add((name, ratio, rowCount >= ManyRows ? MostOfMany : MostOfFew));
        }

        results.AddTable(["Data", "given", "default", "default / given", "passes, given", "passes, default", "chosen λ"], rows);
        foreach (var (name, ratio, most) in bars)
            results.AddBar($"{name}: at most {FitBenchmark.Number(most, 1)} times as long as with a given penalty", ratio, most);
        results.Save("choice");
    }

    private delegate void Fit(double? l2, Action<FocalSgdOutcome> completed);

    private static IEnumerable<(string Name, int RowCount, bool IsBarred, Func<MLContext, Fit> Make)> Shapes()
    {
        yield return ("Shuttle, 58,000 × 200 kernel features", 58_000, true, ml => Binary(ml, KernelBenchmark.AllRows(ml)));
        yield return ("100,000 × 300", 100_000, true, ml => Binary(ml, new CorrelatedData(100_000, 300, .03, .5).Cached(ml)));
        yield return ("60,000 × 100", 60_000, true, ml => Binary(ml, new CorrelatedData(60_000, 100, .03, .5).Cached(ml)));
        yield return ("800,000 × 30", 800_000, true, ml => Binary(ml, new CorrelatedData(800_000, 30, .03, .5).Cached(ml)));
        yield return ("Shuttle, 58,000 × 9, 7 classes, softmax", 58_000, true, ml => Several(ml, MulticlassFormulation.Softmax));
        yield return ("Shuttle, 58,000 × 9, 7 classes, one-versus-all", 58_000, true,
            ml => Several(ml, MulticlassFormulation.OneVersusAll));
        yield return ("20,000 × 30", 20_000, true, ml => Binary(ml, new CorrelatedData(20_000, 30, .03, .5).Cached(ml)));
        yield return ("Shuttle, 46,400 × 200 kernel features", 46_400, false, ml => Binary(ml, KernelBenchmark.Views(ml).Train));
        yield return ("20,000 × 200", 20_000, false, ml => Binary(ml, new CorrelatedData(20_000, 200, .03, .5).Cached(ml)));
    }

    private static Fit Binary(MLContext mlContext, IDataView view) => (l2, completed) => mlContext.BinaryClassification.Trainers
        .FocalSgd(new FocalSgdBinaryTrainer.Options { L2Regularization = l2, Completed = completed }).Fit(view);

    private static Fit Several(MLContext mlContext, MulticlassFormulation formulation)
    {
        var rows = MulticlassData.Shuttle();
        var (view, _) = MulticlassData.Standardised(mlContext, rows, rows[..1], DataFile.ShuttleClasses.Length);
        return (l2, completed) => mlContext.MulticlassClassification.Trainers.FocalSgd(new FocalSgdMulticlassTrainer.Options
        {
            Formulation = formulation,
            L2Regularization = l2,
            Completed = completed,
        }).Fit(view);
    }
}
