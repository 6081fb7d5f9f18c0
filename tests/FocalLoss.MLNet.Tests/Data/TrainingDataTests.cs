using FocalMlNet.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests.Data;

public sealed class TrainingDataTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    /// <summary>A row whose features are a buffer, to be given dense or sparse.</summary>
    private sealed class BufferRow
    {
        public bool Label { get; set; }

        public VBuffer<float> Features { get; set; }
    }

    [Theory]
    [InlineData(700, 1.0)]
    [InlineData(3000, 1.0)]
    [InlineData(3000, .6)]
    [InlineData(3000, .05)]
    public void Rows_are_read_as_they_are_whether_dense_or_sparse(int count, double density)
    {
        var random = new Random(3);
        float[][] rows = [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, 12)
            .Select(_ => random.NextDouble() < density ? 1 + (float)random.NextDouble() : 0).ToArray())];
        // Every other row comes as a sparse buffer.
        var view = View(rows.Select((row, i) => i % 2 == 0 ? new VBuffer<float>(row.Length, row) : Sparse(row)));
        var data = TrainingData.Read(view, "Label", "Features", null);

        Assert.Equal(density < .25 ? typeof(SparseMatrix) : typeof(DenseMatrix), data.Features.GetType());
        Assert.Equal((count, 12), (data.Features.RowCount, data.Features.ColumnCount));
        for (var j = 0; j < 12; j++)
        {
            var unit = new float[12];
            unit[j] = 1;
            var column = new float[count];
            data.Features.Multiply([.. Enumerable.Range(0, count)], unit, 0, column);
            Assert.Equal(rows.Select(row => row[j]), column);
        }
    }

    [Fact]
    public void Multiply_and_AddTransposed_agree_between_dense_and_sparse()
    {
        float[] values = [1, 0, 2, 0, 3, 0, 0, 0, 4, 5, 6, 7];
        FeatureMatrix dense = new DenseMatrix(values, 4, 3);
        FeatureMatrix sparse = new SparseMatrix([0, 2, 3, 4, 7], [0, 2, 1, 2, 0, 1, 2], [1, 2, 3, 4, 5, 6, 7], 3);
        foreach (var matrix in new[] { dense, sparse })
        {
            var scores = new float[2];
            matrix.Multiply([3, 0], [1, 10, 100], .5f, scores);
            Assert.Equal([765.5f, 201.5f], scores);
            var gradient = new float[] { 1, 1, 1 };
            matrix.AddTransposed([3, 0], [2, -1], gradient);
            Assert.Equal([10, 13, 13], gradient);
            var (sums, squares) = (new double[3], new double[3]);
            matrix.AddMoments([1, 1, 2, .5], sums, squares);
            Assert.Equal([3.5, 6, 13.5], sums);
            Assert.Equal([13.5, 27, 60.5], squares);
        }
    }

    [Fact]
    public void Rows_with_a_NaN_or_an_infinity_are_skipped_and_counted()
    {
        var rows = Rows.Gaussian(20);
        rows[3].Features[1] = float.NaN;
        rows[5].Features[0] = float.PositiveInfinity;
        rows[7].Weight = float.NaN;
        var data = TrainingData.Read(Rows.View(_mlContext, rows), "Label", "Features", "Weight");
        Assert.Equal((17, 3), (data.Labels.Length, data.RowsSkipped));
    }

    [Theory]
    [InlineData(-1f, "Column 'Weight' has weight -1 in row 4, but it should be in [0; +∞).")]
    [InlineData(float.PositiveInfinity, "Column 'Weight' has weight Infinity in row 4, but it should be in [0; +∞).")]
    public void A_weight_outside_its_range_is_refused(float weight, string message)
    {
        var rows = Rows.Gaussian(20);
        rows[4].Weight = weight;
        Assert.Equal(message, Refusal(rows, "Weight"));
    }

    [Fact]
    public void Data_without_rows_is_refused() => Assert.Equal("The training data has no rows.", Refusal([], null));

    [Fact]
    public void Data_without_a_usable_row_is_refused()
    {
        var rows = Rows.Gaussian(5);
        foreach (var row in rows)
            row.Features[2] = float.NaN;
        Assert.Equal("The training data has no usable rows: all 5 have a NaN or an infinity in their features, or NaN as their weight.", Refusal(rows, null));
    }

    [Fact]
    public void Data_of_one_class_is_refused()
    {
        var rows = Rows.Gaussian(5);
        foreach (var row in rows)
            row.Label = false;
        Assert.Equal(
            "Label column 'Label' has 0 positive rows (total weight 0) and 5 negative rows (total weight 5), but training needs both classes with a weight above 0.",
            Refusal(rows, null));
    }

    [Fact]
    public void A_class_whose_weights_are_all_zero_is_refused()
    {
        var rows = Rows.Gaussian(50);
        foreach (var row in rows)
            row.Weight = row.Label ? 0 : 1;
        Assert.EndsWith("but training needs both classes with a weight above 0.", Refusal(rows, "Weight"), StringComparison.Ordinal);
    }

    private string Refusal(Row[] rows, string? weight)
        => Assert.Throws<InvalidOperationException>(() => TrainingData.Read(Rows.View(_mlContext, rows, 3), "Label", "Features", weight)).Message;

    private IDataView View(IEnumerable<VBuffer<float>> features)
    {
        var definition = SchemaDefinition.Create(typeof(BufferRow));
        definition[nameof(BufferRow.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 12);
        return _mlContext.Data.LoadFromEnumerable(features.Select((f, i) => new BufferRow { Label = i % 3 == 0, Features = f }), definition);
    }

    private static VBuffer<float> Sparse(float[] row)
    {
        int[] at = [.. Enumerable.Range(0, row.Length).Where(j => row[j] != 0)];
        return new VBuffer<float>(row.Length, at.Length, [.. at.Select(j => row[j])], at);
    }
}
