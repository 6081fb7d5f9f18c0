using FocalMlNet.Data;
using FocalMlNet.Optimization;
using FocalMlNet.Trainers;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests.Trainers;

public sealed class EarlyStoppingMonitorTests
{
    /// <summary>
    /// One positive lies above a negative, one below. A model with slope 1 finds the upper first, one with slope -1 the lower: without weights they are equally good, and the
    /// first stays the best.
    /// </summary>
    [Theory]
    [InlineData(1, 1, -1)]
    [InlineData(3, 1, 1)]
    [InlineData(1, 3, -1)]
    public void Average_precision_on_held_out_rows_counts_their_weights(float upperWeight, float lowerWeight, float slopeOfBest)
    {
        var builder = new RowBlockBuilder(1, RowBlock.MaxRowCount);
        Append(builder, 1, true, upperWeight);
        Append(builder, 0, false, 1);
        Append(builder, -1, true, lowerWeight);
        var monitor = new EarlyStoppingMonitor(new EarlyStopping(), [builder.Take()], classCount: 2, HeldOutJudges.Binary);

        monitor.GoOn(new LinearModel([[-1]], [0]), 1);
        monitor.GoOn(new LinearModel([[1]], [0]), 2);

        Assert.Equal([slopeOfBest], monitor.Best!.Coefficients[0]);
    }

    private static void Append(RowBlockBuilder builder, float feature, bool label, float weight)
        => builder.Append(new VBuffer<float>(1, [feature]), label ? 1 : 0, weight);
}
