
using System.Globalization;
using Microsoft.ML;

namespace FocalMlNet.Bench;

/// <summary>Several classes: whole fits beside the stock trainers, and how the time grows with the classes.</summary>
internal static class MulticlassBenchmark
{
    private const int Rounds = 7;
    private static readonly int[] ClassCounts = [3, 10, 100, 1000];
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    /// <summary>Every trainer at its defaults on Shuttle.</summary>
    public static void Fit()
    {
        var mlContext = new MLContext(seed: 1);
        var rows = MulticlassData.Shuttle();
        var (train, _) = MulticlassData.Standardised(mlContext, rows, rows, FocalMlNet.Data.DataFile.ShuttleClasses.Length);
        var (trainers, binary) = (mlContext.MulticlassClassification.Trainers, mlContext.BinaryClassification.Trainers);
        Contestant[] contestants =
        [
            new("`FocalSgd`", () => trainers.FocalSgd().Fit(train)),
            new("`FocalSgd`, OneVersusAll", () => trainers.FocalSgd(formulation: MulticlassFormulation.OneVersusAll).Fit(train)),
            new("`OneVersusAll(SgdCalibrated)`", () => trainers.OneVersusAll(binary.SgdCalibrated()).Fit(train)),
            new("`LbfgsMaximumEntropy`", () => trainers.LbfgsMaximumEntropy().Fit(train)),
            new("`SdcaMaximumEntropy`", () => trainers.SdcaMaximumEntropy().Fit(train)),
            new("`FocalSgd`, L2 = 1e-7", () => trainers.FocalSgd(l2Regularization: LinearFit.GivenL2).Fit(train)),
        ];
        Contest.Run(contestants, Rounds, WarmUp);
        var results = new Results("Several classes: Shuttle, 58,000 × 9 dense, 7 classes, cached view");
        results.Add($"Seconds for `Fit`, every trainer at its defaults, features standardised: median of {Rounds} rounds in which all "
            + "take turns, after a warm-up; ratios are medians of those within a round.");
        results.Add("");
        results.AddTable(
            ["Trainer", "seconds", "least", "most", "times as long as `FocalSgd`"],
            contestants.Select(c => (string[])
                [c.Name, Seconds(c.MedianSeconds), Seconds(c.Seconds.Min()), Seconds(c.Seconds.Max()),
                    FitBenchmark.Number(contestants[0].TimesFasterThan(c))]));
        results.AddBar($"at most 1/30 of {contestants[2].Name}", 1 / contestants[0].TimesFasterThan(contestants[2]), 1 / 30.0);
        results.AddBar($"at most 1/3 of {contestants[3].Name}", 1 / contestants[0].TimesFasterThan(contestants[3]), 1 / 3.0);
        results.Save("multiclass-fit");
    }

    /// <summary>More and more classes on rows alike.</summary>
    public static void Growth()
    {
        const int RowCount = 20_000, FeatureCount = 30;
        var results = new Results("Growth with the classes: seconds for `Fit` of `FocalSgd` at its defaults, 20,000 × 30 dense, cached "
            + "view");
        results.Add($"The median of {Rounds} fits after a warm-up, of 100 and more classes one. Class k has rows in proportion to 1 / (k "
            + "+ 1).");
        results.Add("");
        List<string[]> table = [];
        foreach (var classCount in ClassCounts)
        {
            var mlContext = new MLContext(seed: 1);
            var rows = MulticlassData.Gaussian(RowCount, FeatureCount, classCount);
            var (view, _) = MulticlassData.Standardised(mlContext, rows, rows[..1], classCount);
            var passes = 0;
            Contestant Of(MulticlassFormulation formulation) => new($"{formulation}", () =>
            {
                passes = 0;
                mlContext.MulticlassClassification.Trainers.FocalSgd(new FocalSgdMulticlassTrainer.Options
                {
                    Formulation = formulation,
                    Progress = new Immediate(() => passes++),
                }).Fit(view);
            });
            foreach (var contestant in new[] { Of(MulticlassFormulation.Softmax), Of(MulticlassFormulation.OneVersusAll) })
            {
                Contest.Run([contestant], classCount < 100 ? Rounds : 1, TimeSpan.FromSeconds(classCount < 100 ? 4 : 1));
                table.Add(
                [
                    $"{classCount.ToString("n0", CultureInfo.InvariantCulture)}, {contestant.Name}", Seconds(contestant.MedianSeconds),
                        $"{passes}",
                    FitBenchmark.Number(contestant.MedianSeconds / classCount * 1000),
                ]);
            }
        }

        results.AddTable(["classes", "fit, s", "steps on all rows", "fit, ms per class"], table);
        results.Save("multiclass-growth");
    }

    private static string Seconds(double value) => FitBenchmark.Seconds(value);
}
