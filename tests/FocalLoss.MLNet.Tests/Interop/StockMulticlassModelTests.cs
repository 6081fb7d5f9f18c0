using FocalMlNet.Interop;
using Microsoft.ML;

namespace FocalMlNet.Tests.Interop;

public sealed class StockMulticlassModelTests
{
    private static readonly float[][] Weights = [[1, -2], [.5f, .25f], [-3, 1]];
    private static readonly float[] Biases = [-1, 0, 2];

    private readonly MLContext _mlContext = new(seed: 1);

    [Fact]
    public void One_versus_all_scores_are_sigmoids_divided_by_their_sum()
        => AssertScores(MulticlassFormulation.OneVersusAll, logit => 1 / (1 + Math.Exp(-logit)));

    [Fact]
    public void Softmax_scores_are_the_softmax() => AssertScores(MulticlassFormulation.Softmax, Math.Exp);

    private void AssertScores(MulticlassFormulation formulation, Func<double, double> share)
    {
        var random = new Random(1);
        var rows = Enumerable.Range(0, 200).Select(i => new MulticlassRow
        {
            Label = (uint)(i % 3),
            Features = [(float)(4 * random.NextDouble() - 2), (float)(4 * random.NextDouble() - 2)],
        }).ToArray();
        var view = MulticlassRows.View(_mlContext, rows, classCount: 3);
        var model = StockMulticlassModel.Create(
            _mlContext.MulticlassClassification.Trainers, view.Schema["Label"], view.Schema["Features"], Weights, Biases, formulation);
        foreach (var (row, scored) in rows.Zip(MulticlassRows.Score(_mlContext, model, view)))
        {
            double[] shares = [.. Weights.Select((w, k) => share(w[0] * row.Features[0] + w[1] * row.Features[1] + Biases[k]))];
            Assert.Equal(shares.Select(s => s / shares.Sum()), scored.Score.Select(s => (double)s), (a, b) => Math.Abs(a - b) <= 1e-6);
            Assert.Equal(1, scored.Score.Sum(s => (double)s), 1e-6);
            Assert.Equal(Array.IndexOf(shares, shares.Max()) + 1, (int)scored.PredictedLabel);
        }
    }
}
