
using System.Text;
using FocalMlNet.StockModels;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace FocalMlNet.Tests.StockModels;

public sealed class StockSoftmaxTests
{
    private static readonly float[][] Weights = [[1, -2], [.5f, .25f], [-3, 1]];
    private static readonly float[] Biases = [-1, 0, 2];

    private readonly MLContext _mlContext = new(seed: 1);

    [Fact]
    public void Scores_are_the_softmax()
    {
        var random = new Random(1);
        AssertSoftmax([.. Enumerable.Range(0, 200).Select(_ => Row(4 * random.NextSingle() - 2, 4 * random.NextSingle() - 2))], 2e-6);
    }

    /// <summary>e^709 is the largest double and e^88 the largest float: whoever takes e^z as it is gets NaN.</summary>
    [Theory]
    [InlineData(100)]
    [InlineData(1000)]
    [InlineData(1e20f)]
    public void Scores_beyond_the_range_of_the_exponential_give_probabilities(float far)
        => AssertSoftmax([Row(far, 1), Row(-far, 1), Row(1, far), Row(1, -far)], 1e-6);

    [Theory]
    [InlineData(2, 1)]
    [InlineData(7, 9)]
    [InlineData(300, 200)]
    public void The_model_has_the_given_weights_and_biases_to_the_bit(int classCount, int featureCount)
    {
        var random = new Random(3);
        float[][] weights = [.. Enumerable.Range(0, classCount).Select(_ => Floats(featureCount))];
        var biases = Floats(classCount);

        AssertHolds(Create(View(classCount, featureCount), weights, biases).Model, weights, biases);

        float[] Floats(int count) => [.. Enumerable.Range(0, count).Select(i => i % 5 == 0 ? 0 : i % 7 == 0 ? -0f : Any())];

        // Any bits that are a finite number, denormal and huge ones among them.
        float Any()
        {
            var any = BitConverter.Int32BitsToSingle(random.Next() | random.Next(2) << 31);
            return float.IsFinite(any) ? any : 1;
        }
    }

    [Theory]
    [InlineData(float.NaN, 0)]
    [InlineData(float.NegativeInfinity, 0)]
    [InlineData(1, float.PositiveInfinity)]
    public void Weights_that_are_not_finite_are_refused(float weight, float bias)
    {
        var error = Assert.Throws<InvalidOperationException>(() => Create(View(2, 2), [[1, 2], [1, weight]], [0, bias]));
        Assert.Equal("The trained weights are not finite.", error.Message);
    }

    [Fact]
    public void Another_inside_of_Microsoft_ML_is_told()
    {
        var error = Assert.Throws<NotSupportedException>(() => StockSoftmax.Inside<int>(() => throw new MissingFieldException()));
        Assert.Equal(
            "Microsoft.ML 5 lets its softmax model take weights, this version does not: choose Formulation = OneVersusAll.", error.Message);
    }

    /// <summary>Saved sparse they would be multiplied in another order when loaded.</summary>
    [Fact]
    public void A_loaded_model_has_the_same_weights_and_gives_dense_and_sparse_rows_the_same_bits()
    {
        var random = new Random(2);
        float[][] weights = [.. Enumerable.Range(0, 4).Select(_ => Normals(random, 50))];
        weights[1][3] = weights[2][7] = 0;
        float[] biases = [1, -1, 0, .5f];
        var model = Create(View(4, 50), weights, biases);
        using var file = new MemoryStream();
        _mlContext.Model.Save(model, null, file);
        file.Position = 0;
        var loaded = (MulticlassPredictionTransformer<MaximumEntropyModelParameters>)new MLContext().Model.Load(file, out _);
        AssertHolds(loaded.Model, weights, biases);

        SparseRow[] rows = [.. Enumerable.Range(0, 40).Select(i => new SparseRow
        {
            Features = i % 2 == 0
                ? new(50, 3, [(float)Rows.Normal(random), 1, (float)Rows.Normal(random)], [3, 20, 31])
                : new(50, Normals(random, 50)),
        })];
        var definition = SchemaDefinition.Create(typeof(SparseRow));
        definition[nameof(SparseRow.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 50);
        var view = _mlContext.Data.LoadFromEnumerable(rows, definition);
        Assert.Equal(Scores(model), Scores(loaded));

        IEnumerable<float> Scores(ITransformer from) => from.Transform(view).GetColumn<float[]>("Score").SelectMany(scores => scores);
    }

    [Fact]
    public void The_model_is_exported_to_ONNX_as_a_linear_classifier_that_takes_the_softmax()
    {
        var view = View(3, 2);
        var model = Create(view, Weights, Biases);
        using var file = new MemoryStream();
        _mlContext.Model.ConvertToOnnx(model, view, file);
        var text = Encoding.Latin1.GetString(file.ToArray());
        Assert.Contains("LinearClassifier", text, StringComparison.Ordinal);
        Assert.Contains("SOFTMAX", text, StringComparison.Ordinal);
    }

    /// <summary>What is expected is computed in double precision with the largest score taken off.</summary>
    private void AssertSoftmax(MulticlassRow[] rows, double tolerance)
    {
        var view = MulticlassRows.View(_mlContext, rows, classCount: 3);
        foreach (var (row, scored) in rows.Zip(MulticlassRows.Score(_mlContext, Create(view, Weights, Biases), view)))
        {
            double[] z = [.. Weights.Select((w, k) => (double)w[0] * row.Features[0] + (double)w[1] * row.Features[1] + Biases[k])];
            double[] shares = [.. z.Select(score => Math.Exp(score - z.Max()))];
            Assert.Equal(shares.Select(s => s / shares.Sum()), scored.Score.Select(s => (double)s), (a, b) => Math.Abs(a - b) <= tolerance);
            Assert.Equal(Array.IndexOf(z, z.Max()) + 1, (int)scored.PredictedLabel);
        }
    }

    private static void AssertHolds(MaximumEntropyModelParameters model, float[][] weights, float[] biases)
    {
        VBuffer<float>[] held = [];
        model.GetWeights(ref held, out var count);
        Assert.Equal(weights.Length, count);
        Assert.Equal(Bits(weights.SelectMany(w => w)), Bits(held.SelectMany(w => w.DenseValues())));
        Assert.Equal(Bits(biases), Bits(model.GetBiases()));

        static IEnumerable<int> Bits(IEnumerable<float> numbers) => numbers.Select(BitConverter.SingleToInt32Bits);
    }

    private static MulticlassRow Row(params float[] features) => new() { Features = features };

    private static float[] Normals(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)Rows.Normal(random))];

    private IDataView View(int classCount, int featureCount)
        => MulticlassRows.View(_mlContext, [new MulticlassRow { Features = new float[featureCount] }], classCount);

    private MulticlassPredictionTransformer<MaximumEntropyModelParameters> Create(IDataView view, float[][] weights, float[] biases)
        => StockSoftmax.Create(
            _mlContext.MulticlassClassification.Trainers, view.Schema["Label"], view.Schema["Features"], weights, biases);

    private sealed class SparseRow
    {
        public VBuffer<float> Features { get; set; }
    }
}
