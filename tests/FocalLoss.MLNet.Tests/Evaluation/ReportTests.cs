using System.Globalization;
using FocalMlNet.Evaluation;

namespace FocalMlNet.Tests.Evaluation;

/// <summary>What metrics, counts, folds and thresholds say as text, against tables made by hand.</summary>
public sealed class ReportTests
{
    [Fact]
    public void Metrics_of_two_classes_are_a_report_of_both_classes_and_a_list()
    {
        // Scores .9 .8 .7 .4 .2; positives are the first, the third and the fifth; the first two are called positive.
        var metrics = BinaryEvaluation.Of(ScoredRows.Of(
            [.9f, .8f, .7f, .4f, .2f], [true, false, true, false, true], [1, 1, 1, 1, 1], null, [true, true, false, false, false]), new());
        // Average precision (1 + 2/3 + 3/5) / 3; of 6 pairs 3 are in order; recall 1/3 and specificity 1/2.
        Assert.Equal("""
                      precision  recall  F1 score  support
            positive     0.5000  0.3333    0.4000        3
            negative     0.3333  0.5000    0.4000        2

                                        value
            Prevalence                 0.6000
            AveragePrecision           0.7556
            AreaUnderRocCurve          0.5000
            LogLoss                         –
            BrierScore                      –
            ExpectedCalibrationError        –
            FocalLoss                       –
            Precision                  0.5000
            Recall                     0.3333
            F1Score                    0.4000
            F2Score                    0.3571
            MatthewsCorrelation       -0.1667
            BalancedAccuracy           0.4167
            GeometricMean              0.4082
            Accuracy                   0.4000

            """, metrics.ToString());
    }

    [Fact]
    public void Intervals_stand_beside_the_metrics()
    {
        // Whatever is drawn, the only positive is above the only negative.
        var metrics = BinaryEvaluation.Of(
            ScoredRows.Of([2, 1], [true, false], [1, 1], [.75f, .25f], [true, false]), new() { BootstrapResamples = 20 });
        string[] lines = metrics.ToString().Split('\n');
        Assert.Equal("                           value           interval", lines[4]);
        // One row of each class is worth 4.1 at most: .025^(1 / 4.1).
        Assert.Equal("AveragePrecision          1.0000   [0.4067; 1.0000]", lines[6]);
        // -ln .75.
        Assert.StartsWith("LogLoss                   0.2877   [0.2877; ", lines[8], StringComparison.Ordinal);
    }

    [Fact]
    public void Metrics_of_several_classes_are_a_report_of_each_class_and_a_list()
    {
        // a: 2 of 3 found; b: 1 of 1, with a false alert of weight 1; c, of weight 2.5, is not known to the model.
        ClassScoredRows rows = new(
            ["a", "b", "a name of more than twenty-eight letters"], [.75f, .25f, .625f, .375f, .25f, .75f, .125f, .875f, .5f, .5f],
            [0, 0, 0, 1, 2], [1, 1, 1, 1, 2.5f])
        {
            UnseenCount = 1,
        };
        string[] lines = MulticlassEvaluation.Of(rows, true, new()).ToString().Split('\n');
        Assert.Equal("""
                                                precision  recall  F1 score   AUPRC  support
            a                                      0.4444  0.6667    0.5333  0.8485        3
            b                                      0.5000  1.0000    0.6667  1.0000        1
            a name of more than twenty-eight letters
                                                   0.0000  0.0000    0.0000  0.3846      2.5
            """.Split('\n'), lines[..5]);
        Assert.Equal("", lines[5]);
        Assert.Equal("Accuracy                  0.4615", lines[7]);
        Assert.Equal("BalancedAccuracy          0.5556", lines[8]);
        Assert.Equal(Enum.GetValues<MulticlassMetric>().Length + 7 + 1, lines.Length);
    }

    [Fact]
    public void Of_very_many_classes_the_first_are_shown()
    {
        ClassScoredRows rows = new([.. Enumerable.Range(0, 60).Select(k => $"{k}")], new float[60], [0], [1]);
        string[] lines = MulticlassEvaluation.Of(rows, false, new()).ToString().Split('\n');
        Assert.StartsWith("49", lines[50], StringComparison.Ordinal);
        Assert.Equal("... and 10 classes more", lines[51]);
    }

    [Fact]
    public void Counts_are_the_confusion_matrix()
        => Assert.Equal("""
                      called positive  called negative
            positive                8              4.5
            negative                2           986000

            """, new ConfusionCounts(8, 2, 4.5, 986000).ToString());

    [Fact]
    public void A_threshold_says_what_it_achieves()
    {
        var choice = new ThresholdChoice(ThresholdPolicy.MaximizeF(1), .4375, new(6, 2, 3, 9), 12.0 / 17);
        Assert.Equal("""
            MaximizeF(1)
            called positive above probability 0.4375, value 0.7059

                      called positive  called negative
            positive                6                3
            negative                2                9

                      precision  recall  F1 score  support
            positive     0.7500  0.6667    0.7059        9
            negative     0.7500  0.8182    0.7826       11

            """, choice.ToString());
    }

    [Fact]
    public void A_cross_validation_shows_mean_error_and_range_of_each_metric()
    {
        // Values .25, .5, .75, 1: mean .625; their squared distances from it sum to .3125, so that s / √4 is √(.3125 / 3 / 4).
        var folds = Enumerable.Range(1, 4).Select(i => new ImbalancedFold<double>(i - 1, null!, i / 4.0, null!));
        var table = new ImbalancedCrossValidation<double, MidpointRounding>(
            [.. folds], (value, metric) => metric == MidpointRounding.ToEven ? value : 1e-5 * value).ToString().Split('\n');
        Assert.Equal("""
            4 folds

                                  mean  standard error  lowest  highest
            ToEven              0.6250          0.1614  0.2500   1.0000
            AwayFromZero        6.3E-6          1.6E-6  2.5E-6   1.0E-5
            """.Split('\n'), table[..5]);
    }

    [Fact]
    public void No_line_is_longer_than_80_characters_and_the_culture_does_not_count()
    {
        var culture = Thread.CurrentThread.CurrentCulture;
        try
        {
            var german = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            german.NumberFormat.NumberDecimalSeparator = ",";
            Thread.CurrentThread.CurrentCulture = german;
            ClassScoredRows rows = new(
                [new('x', 100), new('y', 100)], [.75f, .25f, .25f, .75f], [0, 1], [1e30f, 123456.5f]);
            object[] reports =
            [
                MulticlassEvaluation.Of(rows, true, new() { BootstrapResamples = 5 }),
                BinaryEvaluation.Of(
                    ScoredRows.Of([2, 1], [true, false], [1e30f, 1e-30f], [.75f, .25f], [true, false]), new() { BootstrapResamples = 5 }),
                new ThresholdChoice(
                    ThresholdPolicy.MaximizeProfit(new(-1e99, -1e-99, 12345.678, 1)), 1.0 / 3, new(1e30, 1e30, 1e30, 1e30), -1e100),
                new CostMatrix(-1e99, -1e-99, 12345.678, 1.23456789),
            ];
            Assert.All(reports, report => Assert.All(report.ToString()!.Split('\n'), line =>
            {
                Assert.InRange(line.Length, 0, 80);
                Assert.DoesNotContain("0,", line, StringComparison.Ordinal);
            }));
        }
        finally
        {
            Thread.CurrentThread.CurrentCulture = culture;
        }
    }
}
