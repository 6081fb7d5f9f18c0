
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace FocalMlNet.Tests.Training;

/// <summary>Rows that a trainer leaves out are told of where the stock trainers tell of theirs.</summary>
public sealed class SkippedRowsTests
{
    private readonly MLContext _mlContext = new(seed: 1);
    private readonly List<string> _warnings = [];

    public SkippedRowsTests() => _mlContext.Log += (_, e) =>
    {
        if (e.Kind >= ChannelMessageKind.Warning)
            _warnings.Add(e.RawMessage);
    };

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(2500)]
    public void The_context_hears_how_many_as_from_a_stock_trainer(int missing)
    {
        var rows = Rows.Gaussian(missing + 400);
        foreach (var row in rows[^missing..])
            row.Features[1] = float.NaN;
        var view = Rows.View(_mlContext, rows);
        _mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression(new() { NumberOfThreads = 1 }).Fit(view);
        var stock = Assert.Single(_warnings, warning => warning.StartsWith("Skipped", StringComparison.Ordinal));
        Assert.Equal($"Skipped {missing} instances with missing features/label/weight during training", stock);

        foreach (var threads in new[] { 1, 3 })
        {
            _warnings.Clear();
            _mlContext.BinaryClassification.Trainers.FocalSgd(new FocalSgdBinaryTrainer.Options { NumberOfThreads = threads }).Fit(view);
            Assert.Equal([stock], _warnings);
        }
    }

    [Fact]
    public void Several_classes_too_with_rows_without_label_or_weight()
    {
        var rows = MulticlassRows.Gaussian(400);
        rows[3].Label = 4; // One beyond the last: missing.
        rows[5].Weight = float.NaN;
        rows[7].Features[0] = float.PositiveInfinity;
        _mlContext.MulticlassClassification.Trainers.FocalSgd(new FocalSgdMulticlassTrainer.Options { ExampleWeightColumnName = "Weight" })
            .Fit(MulticlassRows.View(_mlContext, rows, classCount: 4));
        Assert.Equal(["Skipped 3 instances with missing features/label/weight during training"], _warnings);
    }

    /// <summary>Of all rows of the view: 3 cannot be used, 40 have no weight, 87 are held out, the rest is trained on.</summary>
    [Fact]
    public void The_log_names_all_rows_that_were_read()
    {
        var rows = Rows.Gaussian(1000);
        foreach (var row in rows[10..13])
            row.Features[0] = float.NaN;
        foreach (var row in rows[100..140])
            row.Weight = 0;
        List<string> log = [];
        long trained = 0;
        _mlContext.BinaryClassification.Trainers.FocalSgd(new FocalSgdBinaryTrainer.Options
        {
            ExampleWeightColumnName = "Weight",
            EarlyStopping = new(),
            Log = log.Add,
            Completed = outcome => trained = outcome.RowCount,
        }).Fit(Rows.View(_mlContext, rows));
        Assert.Equal("Skipped 3 of 1000 rows: NaN or infinity in the features, NaN as the weight, or no label.", log[0]);
        Assert.InRange(trained, 957 * .88, 957 * .92);
    }

    [Fact]
    public void Where_all_rows_are_held_out_it_is_said()
    {
        // Almost half of the rows is held out: of one row of each class, with some seed both.
        var errors = Enumerable.Range(0, 20).Select(seed => Record.Exception(() => _mlContext.BinaryClassification.Trainers.FocalSgd(
            new FocalSgdBinaryTrainer.Options { Seed = seed, EarlyStopping = new() { HoldOutShare = .49 } })
            .Fit(Rows.View(_mlContext, Rows.Gaussian(2))))!.Message).ToArray();
        Assert.Contains("The training data has no rows to train on: of 2, 2 are held out.", errors);
        Assert.DoesNotContain("The training data has no rows.", errors);
    }

    [Fact]
    public void Nothing_is_said_of_complete_rows_nor_twice_of_data_that_exceeds_the_budget()
    {
        var rows = Rows.Gaussian(3000);
        _mlContext.BinaryClassification.Trainers.FocalSgd().Fit(Rows.View(_mlContext, rows));
        Assert.Empty(_warnings);
        rows[0].Features[0] = float.NaN;
        _mlContext.BinaryClassification.Trainers.FocalSgd(new FocalSgdBinaryTrainer.Options { MemoryBudget = 1000 })
            .Fit(Rows.View(_mlContext, rows));
        Assert.Single(_warnings);
    }
}
