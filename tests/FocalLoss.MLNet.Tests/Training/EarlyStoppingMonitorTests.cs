using FocalMlNet.Matrix;
using FocalMlNet.Optimization;
using FocalMlNet.Training;

namespace FocalMlNet.Tests.Training;

public sealed class EarlyStoppingMonitorTests
{
    /// <summary>What models are worth, one after the other, and after which of them training ends.</summary>
    [Theory]
    [InlineData(1, 2, new double[] { 1, 1, 9 })]
    [InlineData(2, 3, new double[] { 3, 1, 2, 9 })]
    [InlineData(3, 6, new double[] { 1, 0, 2, 2, 1, 0, 9 })]
    [InlineData(5, 6, new double[] { 5, 1, 2, 3, 4, 5, 9 })]
    public void As_many_passes_without_improvement_as_the_patience_end_training(int patience, int last, double[] merits)
    {
        RowBlock[] heldOut = [new DenseBlock([1, -1], columnCount: 1, [1, 0], [1, 1])];
        var told = 0;
        var monitor = new EarlyStoppingMonitor(
            new() { Patience = patience }, heldOut, classCount: 2, (_, _, _, _, _) => merits[told], new ParallelOptions());
        LinearModel[] models = [.. merits.Select(merit => LinearModel.Constant(1, (float)merit))];
        while (monitor.GoOn(models[told], pass: told + 1))
            told++;
        Assert.Equal(last, told + 1);
        Assert.Same(models[Array.IndexOf(merits, merits[..last].Max())], monitor.Best);
    }
}
