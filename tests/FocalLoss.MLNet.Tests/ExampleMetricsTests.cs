using ImbalancedBinary;

namespace FocalMlNet.Tests;

/// <summary>The metrics of examples/ImbalancedBinary against values worked out by hand or by scikit-learn's definitions.</summary>
public sealed class ExampleMetricsTests
{
    [Fact]
    public void Average_precision_and_AUROC_without_ties()
    {
        // The example of scikit-learn's documentation: average_precision_score .8333, roc_auc_score .75.
        var ranks = new RankedScores(Predictions((false, .1f), (false, .4f), (true, .35f), (true, .8f)));

        Assert.Equal(5 / 6.0, ranks.AveragePrecision(), 12);
        Assert.Equal(.75, ranks.AreaUnderRoc(), 12);
    }

    [Fact]
    public void Tied_scores_are_one_step()
    {
        // 2 rows at .9 (1 positive), 3 at .5 (1 positive): recall .5 at precision 1/2, then recall 1 at precision 2/5.
        var ranks = new RankedScores(Predictions((true, .9f), (false, .9f), (false, .5f), (true, .5f), (false, .5f), (false, .1f)));

        Assert.Equal(.5 * .5 + .5 * .4, ranks.AveragePrecision(), 12);
        // Positive at .9: 1 tie and 3 below = 3.5 of 4; positive at .5: 2 ties and 1 below = 2 of 4.
        Assert.Equal((3.5 + 2) / 8, ranks.AreaUnderRoc(), 12);
    }

    [Fact]
    public void Equal_scores_are_worth_the_share_of_positives()
    {
        var ranks = new RankedScores(Predictions((true, 0), (false, 0), (false, 0), (false, 0)));

        Assert.Equal(.25, ranks.AveragePrecision(), 12);
        Assert.Equal(.5, ranks.AreaUnderRoc(), 12);
    }

    [Fact]
    public void The_best_threshold_is_half_way_below_the_last_row_called_positive()
    {
        var rows = Predictions((true, 4), (true, 2), (false, 1), (false, 0));

        var threshold = new RankedScores(rows).BestThreshold(Confusion.F1);

        Assert.Equal(1.5f, threshold);
        Assert.Equal(1, Confusion.F1(Confusion.At(threshold, rows)));
        Assert.Equal(1, Confusion.Mcc(Confusion.At(threshold, rows)));
    }

    [Fact]
    public void A_threshold_keeps_neighbouring_floats_apart()
    {
        var high = 1f;
        var low = MathF.BitDecrement(high);
        var rows = Predictions((true, high), (false, low));

        var threshold = new RankedScores(rows).BestThreshold(Confusion.F1);

        Assert.Equal(1, Confusion.F1(Confusion.At(threshold, rows)));
    }

    [Fact]
    public void A_threshold_can_call_all_rows_positive()
    {
        var rows = Predictions((false, 2), (true, 1));

        var threshold = new RankedScores(rows).BestThreshold(Confusion.F1);

        Assert.Equal(2 / 3.0, Confusion.F1(Confusion.At(threshold, rows)), 12);
    }

    [Fact]
    public void MCC_is_the_correlation_and_0_if_all_rows_are_called_the_same()
    {
        // TP 2, FP 1, FN 1, TN 3: (6 - 1) / sqrt(3 · 3 · 4 · 4)
        Assert.Equal(5 / 12.0, Confusion.Mcc(new Confusion(2, 1, 1, 3)), 12);
        Assert.Equal(0, Confusion.Mcc(new Confusion(2, 6, 0, 0)));
    }

    [Fact]
    public void Log_loss_is_in_nats_and_Brier_is_the_mean_square()
    {
        var rows = new[]
        {
            new Prediction { Label = true, Score = 1, Probability = .8f },
            new Prediction { Label = false, Score = 0, Probability = .4f },
        };

        var measures = Measures.Of(rows, rows);

        Assert.Equal((-Math.Log(.8) - Math.Log(.6)) / 2, measures.LogLoss, 6);
        Assert.Equal((.04 + .16) / 2, measures.Brier, 6);
    }

    [Fact]
    public void A_certain_error_leaves_the_log_loss_finite()
    {
        var rows = new[]
        {
            new Prediction { Label = true, Score = 1, Probability = 0 },
            new Prediction { Label = false, Score = 0, Probability = 1 },
        };

        Assert.InRange(Measures.Of(rows, rows).LogLoss, 15, 17);
    }

    private static Prediction[] Predictions(params (bool Label, float Score)[] rows)
        => [.. rows.Select(row => new Prediction { Label = row.Label, Score = row.Score, Probability = .5f })];
}
