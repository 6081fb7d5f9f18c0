using FocalMlNet.Evaluation;

namespace FocalMlNet.Tests.Evaluation;

/// <summary>
/// How often 95 % intervals hold the truth, on seeded draws with 20 rows of the rarer class expected. Of 300 draws, 93 % less two standard
/// deviations are 270. The truth is that of many rows of the same kind.
/// </summary>
public sealed class CoverageTests
{
    private const int Draws = 300;

    [Theory]
    [InlineData(400, .05, 1, 2.2)]
    [InlineData(200, .1, 2.5, 2)]
    [InlineData(200, .9, 2.5, 1)]
    public void Intervals_of_two_classes_hold_the_truth(int rows, double prevalence, double shift, double threshold)
    {
        ScoredRows Sample(int count, Random random)
        {
            bool[] labels = [.. Enumerable.Range(0, count).Select(i => i < 2 ? i == 0 : random.NextDouble() < prevalence)];
            float[] scores = [.. labels.Select(y => (float)((y ? shift : 0) + Normal(random)))];
            var odds = Math.Log(prevalence / (1 - prevalence)) - shift * shift / 2;
            return ScoredRows.Of(scores, labels, [.. labels.Select(_ => 1f)],
                [.. scores.Select(z => (float)(1 / (1 + Math.Exp(-odds - shift * z))))], [.. scores.Select(z => z > threshold)]);
        }

        var truth = BinaryEvaluation.Of(Sample(400_000, new(9)), new());
        // That of the probabilities, which are right, is 0.
        BinaryMetric[] metrics = [.. Enum.GetValues<BinaryMetric>().Except([BinaryMetric.ExpectedCalibrationError])];
        var held = new int[metrics.Length];
        var noError = 0;
        for (var draw = 0; draw < Draws; draw++)
        {
            var evaluation = BinaryEvaluation.Of(Sample(rows, new(draw)), new() { BootstrapResamples = 100, Seed = draw });
            for (var m = 0; m < metrics.Length; m++)
                held[m] += Holds(evaluation.Interval(metrics[m]), truth[metrics[m]]);
            noError += evaluation.Interval(BinaryMetric.ExpectedCalibrationError).Low == 0 ? 1 : 0;
        }

        Assert.All(metrics.Zip(held), pair => Assert.True(pair.Second >= 270, $"{pair}"));
        Assert.True(noError >= 270);
    }

    [Fact]
    public void Intervals_of_several_classes_hold_the_truth()
    {
        double[] shares = [.07, .33, .6];
        ClassScoredRows Sample(int count, Random random)
        {
            int[] labels =
                [.. Enumerable.Range(0, count).Select(i => i < 3 ? i : random.NextDouble() switch { < .07 => 0, < .4 => 1, _ => 2 })];
            var scores = new float[3 * count];
            for (var i = 0; i < count; i++)
            {
                // Class k has the mean 1.5 at place k: the posterior is a softmax.
                double[] logits = [.. shares.Select((share, k) => Math.Log(share) + 1.5 * ((labels[i] == k ? 1.5 : 0) + Normal(random)))];
                var sum = logits.Sum(Math.Exp);
                for (var k = 0; k < 3; k++)
                    scores[3 * i + k] = (float)(Math.Exp(logits[k]) / sum);
            }

            return new(["a", "b", "c"], scores, labels, [.. labels.Select(_ => 1f)]);
        }

        var truth = MulticlassEvaluation.Of(Sample(300_000, new(9)), true, new());
        MulticlassMetric[] metrics = [.. Enum.GetValues<MulticlassMetric>().Except([MulticlassMetric.ExpectedCalibrationError])];
        var held = new int[metrics.Length];
        var ofRare = new int[4];
        for (var draw = 0; draw < Draws; draw++)
        {
            var evaluation = MulticlassEvaluation.Of(Sample(300, new(draw)), true, new() { BootstrapResamples = 100, Seed = draw });
            for (var m = 0; m < metrics.Length; m++)
                held[m] += Holds(evaluation.Interval(metrics[m]), truth[metrics[m]]);
            var (rare, real) = (evaluation.Classes[0].Intervals!, truth.Classes[0]);
            ofRare[0] += Holds(rare.Precision, real.Precision);
            ofRare[1] += Holds(rare.Recall, real.Recall);
            ofRare[2] += Holds(rare.F1Score, real.F1Score);
            ofRare[3] += Holds(rare.AveragePrecision, real.AveragePrecision);
        }

        Assert.All(metrics.Zip(held), pair => Assert.True(pair.Second >= 270, $"{pair}"));
        Assert.All(ofRare, count => Assert.True(count >= 270, $"{count}"));
    }

    private static int Holds(ConfidenceInterval interval, double value) => interval.Low <= value && value <= interval.High ? 1 : 0;

    private static double Normal(Random random)
        => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
