
using FocalMlNet.Matrix;
using Microsoft.ML;

namespace FocalMlNet.Tests.Matrix;

public sealed class TrainingDataTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [Theory]
    [InlineData(5)]
    [InlineData(512)]
    [InlineData(3000)]
    public void Rows_are_read_as_they_are_and_in_their_order(int count)
    {
        var rows = Rows.Gaussian(count);
        for (var i = 0; i < count; i++)
            rows[i].Weight = i % 4 + 1;
        foreach (var budget in new[] { long.MaxValue, 1 })
        {
            using var data = Read(rows, "Weight", budget);
            Assert.Equal(budget == 1, data.IsSpilled);
            // Twice: blocks of the file are read again.
            for (var time = 0; time < 2; time++)
            {
                var at = 0;
                var features = new float[3];
                foreach (var block in data.Blocks)
                {
                    for (var i = 0; i < block.RowCount; i++, at++)
                    {
                        block.CopyRow(i, features);
                        Assert.Equal(rows[at].Features, features);
                        Assert.Equal((rows[at].Label ? 1 : 0, rows[at].Weight), (block.Labels[i], block.Weights[i]));
                    }
                }

                Assert.Equal(count, at);
            }

            Assert.Equal((rows.Count(r => r.Label), rows.Where(r => r.Label).Sum(r => (double)r.Weight)),
                (data.Totals.Counts[1], data.Totals.Weights[1]));
        }
    }

    [Fact]
    public void The_view_is_read_once_whatever_the_budget()
    {
        // Each reading of this view gives its rows in another order.
        var rows = Rows.Gaussian(2000);
        using var data = TrainingData.Read(new RowReader(Rows.Shifting(_mlContext, rows), "Label", "Features", null), 1);
        float[] Labels() => [.. data.Blocks.SelectMany(block => block.Labels.ToArray())];
        Assert.Equal(Labels(), Labels());
        Assert.Equal(rows.Count(row => row.Label), Labels().Count(label => label == 1));
    }

    [Fact]
    public void Rows_with_a_NaN_or_an_infinity_are_skipped_and_counted()
    {
        var rows = Rows.Gaussian(20);
        rows[3].Features[1] = float.NaN;
        rows[5].Features[0] = float.PositiveInfinity;
        rows[7].Weight = float.NaN;
        var data = Read(rows, "Weight");
        Assert.Equal((17, 3), (data.RowCount, data.RowsSkipped));
    }

    [Theory]
    [InlineData(-1f, "Column 'Weight' has weight -1 in row 4, but it should be in [0; 1E+30].")]
    [InlineData(float.PositiveInfinity, "Column 'Weight' has weight Infinity in row 4, but it should be in [0; 1E+30].")]
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
        const string Message
            = "The training data has no usable rows: all 5 have NaN or infinity in the features, weight NaN or 0, or no label.";
        Assert.Equal(Message, Refusal(rows, null));
        foreach (var row in rows)
            (row.Features[2], row.Weight) = (1, 0);
        Assert.Equal(Message, Refusal(rows, "Weight"));
    }

    /// <summary>Nor is the choice of the rows that are held out.</summary>
    [Fact]
    public void Rows_of_weight_0_are_not_there()
    {
        var rows = Rows.Gaussian(2000);
        Row[] more = [.. Rows.Gaussian(500, seed: 2).Select(row => new Row { Label = row.Label, Features = row.Features, Weight = 0 })];
        var (without, with) = (Read(rows), Read([.. more[..200], .. rows, .. more[200..]]));
        Assert.Equal((without.RowCount, 0), (with.RowCount, with.RowsSkipped));
        Assert.Equal(Labels(without.Blocks), Labels(with.Blocks));
        Assert.Equal(Labels(without.HeldOut), Labels(with.HeldOut));
        Assert.Equal(without.Origin, with.Origin);

        static IEnumerable<float> Labels(IEnumerable<RowBlock> blocks) => blocks.SelectMany(block => block.Labels.ToArray());

        TrainingData Read(Row[] rows)
        {
            var holdOut = new HoldOut(.2, seed: 1, classCount: 2);
            return TrainingData.Read(new RowReader(Rows.View(_mlContext, rows, 3), "Label", "Features", "Weight", holdOut), long.MaxValue);
        }
    }

    [Fact]
    public void Data_of_one_class_is_refused()
    {
        var rows = Rows.Gaussian(5);
        foreach (var row in rows)
            row.Label = false;
        Assert.Equal(
            "Label column 'Label' has 0 positive rows (total weight 0) and 5 negative rows (total weight 5), "
            + "but training needs both classes with a weight above 0.",
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
    {
        var trainer = _mlContext.BinaryClassification.Trainers.FocalSgd(exampleWeightColumnName: weight);
        return Assert.Throws<InvalidOperationException>(() => trainer.Fit(Rows.View(_mlContext, rows, 3))).Message;
    }

    /// <summary>The garbage collector would keep blocks that are pinned long after they are dropped.</summary>
    [Theory]
    [InlineData(long.MaxValue, true)]
    [InlineData(10_000, false)]
    public void Blocks_are_not_pinned_once_they_are_too_many_to_stay(long memoryBudget, bool expected)
    {
        var reader = new RowReader(Rows.View(_mlContext, Rows.Gaussian(2000), 3), "Label", "Features", null);
        Assert.True(reader.BlocksStay);
        TrainingData.Read(reader, memoryBudget);
        Assert.Equal(expected, reader.BlocksStay);
    }

    private TrainingData Read(Row[] rows, string? weight, long memoryBudget = long.MaxValue)
        => TrainingData.Read(new RowReader(Rows.View(_mlContext, rows, 3), "Label", "Features", weight), memoryBudget);
}
