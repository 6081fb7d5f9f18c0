using System.Globalization;
using System.Numerics;
using Microsoft.ML.Trainers;

namespace FocalMlNet.Bench;

/// <summary>
/// The losses: many scores at once against one call a score, beside ML.NET's own log-loss and a pass over the same memory.
/// </summary>
internal sealed class LossBenchmark
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(.7);

    // What the batch is to be, in times of the speed of one call a score.
    private const int TimesScalar = 8;
    private const int TimesLogLoss = 5;

    private readonly float[] _scores;
    private readonly float[] _labels;
    private readonly float[] _weights;
    private readonly float[] _losses;
    private readonly float[] _derivatives;

    private LossBenchmark(int rows)
    {
        // One per cent positives; scores between -4 and 4 as a trained model has them.
        var random = new Random(1);
        (_scores, _labels, _weights) = (new float[rows], new float[rows], new float[rows]);
        (_losses, _derivatives) = (new float[rows], new float[rows]);
        for (var i = 0; i < rows; i++)
        {
            _labels[i] = random.NextDouble() < .01 ? 1 : 0;
            _scores[i] = (float)(6 * random.NextDouble() - 4 + 2 * _labels[i]);
            _weights[i] = 1;
        }
    }

    public static void Run()
    {
        var results = new Results("Losses");
        results.Add("Nanoseconds per row (per score for softmax and one-versus-all), on one thread: the median of rounds in which all");
        results.Add("take turns. Ratios are medians of those within a round.");
        results.Add("`Derivatives` is the public method for spans of scores, with its check of the labels; \"scalar\" is `Derivative`");
        results.Add("called in a loop, as ML.NET's trainers call a loss, through `IClassificationLoss`; \"LogLoss\" is ML.NET's own "
            + "log-loss");
        results.Add("called in the same loop. \"Stream\" adds scores and labels and stores the sums.");
        results.Add("γ = 0, ½, 1, 2, 3 and 5 have code of their own; 3.7 stands for all others, whose power of q needs a second");
        results.Add("exponential.");
        results.Add("Times vary with what else the machine does, ratios hardly: all take turns.");
        results.Add("");
        new LossBenchmark(16_384).Binary(results, "16,384 rows, in the cache", 151);
        new LossBenchmark(4_000_000).Binary(results, "4,000,000 rows, in memory (48 MB)", 9);
        Multiclass(results);
        Accuracy(results);
        results.Save("losses");
    }

    private void Binary(Results results, string title, int rounds)
    {
        results.Add($"## Binary, {title}");
        results.Add("");
        List<string[]> rows = [];
        List<string> missed = [];
        foreach (var γ in new[] { 0, .5, 1, 2, 3, 5, 3.7 })
        {
            var loss = new FocalLoss(γ, .75);
            Contestant stream = new("stream", Stream);
            Contestant derivatives = new("derivatives", () => loss.Derivatives(_scores, _labels, _derivatives));
            Contestant seconds = new("second derivatives", () => loss.SecondDerivatives(_scores, _labels, _derivatives));
            Contestant both = new("both", () => loss.LossesAndDerivatives(_scores, _labels, _losses, _derivatives));
            Contestant solver = new("solver", () => loss.Spans.SumAndDerivatives(_scores, _labels, _weights, _derivatives));
            Contestant scalar = new("scalar", () => OneByOne(loss));
            var logLoss = new LogLoss();
            Contestant log = new("LogLoss", () => OneByOne(logLoss));
            Contest.Run([stream, derivatives, both, seconds, solver, scalar, log], rounds, WarmUp);
            if (derivatives.TimesFasterThan(scalar) < TimesScalar || derivatives.TimesFasterThan(log) < TimesLogLoss)
                missed.Add(γ.ToString(CultureInfo.InvariantCulture));
            rows.Add(
            [
                γ.ToString(CultureInfo.InvariantCulture),
                .. new[] { stream, derivatives, both, seconds, solver, scalar, log }
                    .Select(c => Number(c.MedianSeconds / _scores.Length * 1e9)),
                Number(derivatives.TimesFasterThan(scalar)), Number(derivatives.TimesFasterThan(log)),
            ]);
        }

        results.AddTable(
            ["γ", "stream", "`Derivatives`", "`LossesAndDerivatives`", "`SecondDerivatives`", "sum of weighted losses, and derivatives",
                "scalar", "LogLoss", "times faster than scalar", "times faster than LogLoss"],
            rows);
        results.Add($"The aim is {TimesScalar} times scalar and {TimesLogLoss} times LogLoss: "
            + (missed.Count == 0 ? "reached by all." : $"missed for γ = {string.Join(", ", missed)}, reached by the others."));
        results.Add("");
    }

    private static void Multiclass(Results results)
    {
        results.Add("## Several classes: losses and gradients, γ = 2, in the cache");
        results.Add("");
        List<string[]> rows = [];
        foreach (var classes in new[] { 3, 10, 100, 1000 })
        {
            var count = Math.Max(8, 16_384 / classes / 8 * 8);
            var random = new Random(1);
            float[] scores = [.. Enumerable.Range(0, count * classes).Select(_ => 8 * random.NextSingle() - 4)];
            int[] labels = [.. Enumerable.Range(0, count).Select(_ => random.Next(classes))];
            var (losses, gradients) = (new float[count], new float[scores.Length]);
            var softmax = new SoftmaxFocalLoss();
            var smooth = new SoftmaxFocalLoss(labelSmoothing: .1);
            var sigmoid = new OneVersusAllFocalLoss(classWeights: [.. Enumerable.Range(0, classes).Select(k => 1.0 + k)]);
            Contestant[] contestants =
            [
                new("softmax", () => softmax.LossesAndGradients(scores, labels, losses, gradients)),
                new("softmax rows", () =>
                {
                    for (var i = 0; i < count; i++)
                    {
                        losses[i] = (float)softmax.Loss(scores.AsSpan(i * classes, classes), labels[i]);
                        softmax.Gradient(scores.AsSpan(i * classes, classes), labels[i], gradients.AsSpan(i * classes, classes));
                    }
                }),
                new("smooth", () => smooth.LossesAndGradients(scores, labels, losses, gradients)),
                new("one-versus-all", () => sigmoid.LossesAndGradients(scores, labels, losses, gradients)),
            ];
            Contest.Run(contestants, 101, WarmUp);
            rows.Add([$"{classes}", .. contestants.Select(c => Number(c.MedianSeconds / scores.Length * 1e9)),
                Number(contestants[0].TimesFasterThan(contestants[1]))]);
        }

        results.AddTable(
            ["classes", "`SoftmaxFocalLoss`", "the same, row by row", "with label smoothing", "`OneVersusAllFocalLoss` with class weights",
                "softmax times faster than row by row"], rows);
    }

    private static void Accuracy(Results results)
    {
        results.Add("## Accuracy of the spans: largest relative difference from double precision");
        results.Add("");
        results.Add("A million scores between -90 and 90; where the exact value is below 1e-30 it is not counted.");
        results.Add("");
        const int Count = 1_000_000;
        var random = new Random(2);
        float[] scores = [.. Enumerable.Range(0, Count).Select(_ => 180 * random.NextSingle() - 90)];
        float[] labels = [.. Enumerable.Repeat(1f, Count)];
        var (losses, derivatives, seconds) = (new float[Count], new float[Count], new float[Count]);
        List<string[]> rows = [];
        foreach (var γ in new[] { 0, .1, .5, 1, 2, 3, 3.7, 5, 20, 50 })
        {
            var focal = new FocalLoss(γ);
            focal.LossesAndDerivatives(scores, labels, losses, derivatives);
            focal.SecondDerivatives(scores, labels, seconds);
            double lossError = 0, derivativeError = 0, secondError = 0;
            for (var i = 0; i < Count; i++)
            {
                lossError = Math.Max(lossError, RelativeError(focal.ExactLoss(scores[i], 1), losses[i]));
                derivativeError = Math.Max(derivativeError, RelativeError(focal.ExactDerivative(scores[i], 1), derivatives[i]));
                secondError = Math.Max(secondError, RelativeError(focal.ExactSecondDerivative(scores[i], 1), seconds[i]));
            }

            rows.Add([γ.ToString(CultureInfo.InvariantCulture),
                .. new[] { lossError, derivativeError, secondError }.Select(e => e.ToString("0.0e+0", CultureInfo.InvariantCulture))]);
        }

        results.AddTable(["γ", "loss", "derivative", "second derivative"], rows);

        static double RelativeError(double exact, float value) => Math.Abs(exact) < 1e-30 ? 0 : Math.Abs(value / exact - 1);
    }

    private void OneByOne(IClassificationLoss loss)
    {
        for (var i = 0; i < _scores.Length; i++)
            _derivatives[i] = loss.Derivative(_scores[i], _labels[i]);
    }

    private void Stream()
    {
        for (var i = 0; i <= _scores.Length - Vector<float>.Count; i += Vector<float>.Count)
            (new Vector<float>(_scores, i) + new Vector<float>(_labels, i)).CopyTo(_derivatives, i);
    }

    private static string Number(double value) => value.ToString(value < 10 ? "f2" : "f1", CultureInfo.InvariantCulture);
}
