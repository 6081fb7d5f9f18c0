
using FocalMlNet.StockModels;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace FocalMlNet.Tests.StockModels;

public sealed class StockOneVersusAllTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [Fact]
    public void Scores_are_sigmoids_divided_by_their_sum()
    {
        float[][] weights = [[1, -2], [.5f, .25f], [-3, 1]];
        float[] biases = [-1, 0, 2];
        var random = new Random(1);
        var rows = Enumerable.Range(0, 200).Select(i => new MulticlassRow
        {
            Label = (uint)(i % 3),
            Features = [(float)(4 * random.NextDouble() - 2), (float)(4 * random.NextDouble() - 2)],
        }).ToArray();
        var view = MulticlassRows.View(_mlContext, rows, classCount: 3);
        var model = Create(view, weights, biases, TestContext.Current.CancellationToken);
        foreach (var (row, scored) in rows.Zip(MulticlassRows.Score(_mlContext, model, view)))
        {
            double[] z = [.. weights.Select((w, k) => w[0] * row.Features[0] + w[1] * row.Features[1] + biases[k])];
            double[] shares = [.. z.Select(score => 1 / (1 + Math.Exp(-score)))];
            Assert.Equal(shares.Select(s => s / shares.Sum()), scored.Score.Select(s => (double)s), (a, b) => Math.Abs(a - b) <= 1e-6);
            Assert.Equal(1, scored.Score.Sum(s => (double)s), 1e-6);
            Assert.Equal(Array.IndexOf(shares, shares.Max()) + 1, (int)scored.PredictedLabel);
        }
    }

    [Theory]
    [InlineData(-104, 0)]
    [InlineData(-100, 1 / 3.0)]
    public void Scores_are_0_where_no_sigmoid_is_left_as_a_float(float score, double expected)
    {
        var view = MulticlassRows.View(_mlContext, [new MulticlassRow { Features = [1] }], classCount: 3);
        var model = Create(view, [[score], [score], [score]], [0, 0, 0], TestContext.Current.CancellationToken);
        Assert.All(MulticlassRows.Score(_mlContext, model, view)[0].Score, s => Assert.Equal(expected, s, 1e-6));
    }

    /// <summary>A model of so many classes takes most of a second.</summary>
    [Fact]
    public void A_model_of_many_classes_can_be_cancelled_while_it_is_made()
    {
        const int Classes = 2000;
        using var source = new CancellationTokenSource();
        var view = MulticlassRows.View(_mlContext, [new MulticlassRow { Features = [0, 0, 0] }], Classes);
        source.CancelAfter(TimeSpan.FromMilliseconds(20));
        Assert.Throws<OperationCanceledException>(
            () => Create(view, [.. Enumerable.Range(0, Classes).Select(k => new[] { k, 1f, 2f })], new float[Classes], source.Token));
    }

    private MulticlassPredictionTransformer<OneVersusAllModelParameters> Create(
        IDataView view, float[][] weights, float[] biases, CancellationToken cancellation)
        => StockOneVersusAll.Create(
            _mlContext.MulticlassClassification.Trainers, view.Schema["Label"], view.Schema["Features"], weights, biases, cancellation);
}
