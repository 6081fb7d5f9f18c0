using FocalMlNet.Interop;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests.Interop;

public sealed class StockMulticlassModelTests
{
    private static readonly float[][] Weights = [[1, -2], [.5f, .25f], [-3, 1]];
    private static readonly float[] Biases = [-1, 0, 2];

    private readonly MLContext _mlContext = new(seed: 1);

    [Fact]
    public void Without_a_shift_scores_are_sigmoids_divided_by_their_sum()
        => AssertScores(shift: 0, 1e-6, logit => 1 / (1 + Math.Exp(-logit)));

    [Theory]
    [InlineData(30)]
    [InlineData(60)]
    public void With_a_large_shift_scores_are_the_softmax(double shift) => AssertScores(shift, 2e-6, Math.Exp);

    private void AssertScores(double shift, double tolerance, Func<double, double> share)
    {
        var random = new Random(1);
        var rows = Enumerable.Range(0, 200).Select(i => new MulticlassRow
        {
            Label = (uint)(i % 3),
            Features = [(float)(4 * random.NextDouble() - 2), (float)(4 * random.NextDouble() - 2)],
        }).ToArray();
        var view = MulticlassRows.View(_mlContext, rows, classCount: 3);
        var model = StockMulticlassModel.Create(
            _mlContext.MulticlassClassification.Trainers, view.Schema["Label"], view.Schema["Features"], Weights, Biases, shift);
        foreach (var (row, scored) in rows.Zip(MulticlassRows.Score(_mlContext, model, view)))
        {
            double[] shares = [.. Weights.Select((w, k) => share(w[0] * row.Features[0] + w[1] * row.Features[1] + Biases[k]))];
            Assert.Equal(shares.Select(s => s / shares.Sum()), scored.Score.Select(s => (double)s), (a, b) => Math.Abs(a - b) <= tolerance);
            Assert.Equal(1, scored.Score.Sum(s => (double)s), 1e-6);
            Assert.Equal(Array.IndexOf(shares, shares.Max()) + 1, (int)scored.PredictedLabel);
        }
    }
}
