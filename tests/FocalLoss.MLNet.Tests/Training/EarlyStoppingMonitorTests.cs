using FocalMlNet.Matrix;
using FocalMlNet.Optimization;
using FocalMlNet.Training;

namespace FocalMlNet.Tests.Training;

public sealed class EarlyStoppingMonitorTests
{
    /// <summary>What the models are worth, one after the other, and the pass after which training ends.</summary>
    [Theory]
    [InlineData(1, 2, new double[] { 1, 1, 9 })]
    [InlineData(2, 3, new double[] { 3, 1, 2, 9 })]
    [InlineData(3, 6, new double[] { 1, 0, 2, 2, 1, 0, 9 })]
    [InlineData(5, 6, new double[] { 5, 1, 2, 3, 4, 5, 9 })]
    public void As_many_passes_without_improvement_as_the_patience_end_training(int patience, int last, double[] merits)
    {
        RowBlock[] heldOut = [new DenseBlock([1, -1], columnCount: 1, [1, 0], [1, 1])];
        var monitor = new EarlyStoppingMonitor(
            new() { Patience = patience, Metric = EarlyStoppingMetric.LogLoss }, heldOut, classCount: 2, HeldOutJudge.Binary,
            new ParallelOptions());
        // Scores merit and -merit of a positive and a negative: the larger the merit, the smaller is the log-loss.
        LinearModel[] models = [.. merits.Select(merit => new LinearModel([[(float)merit]], [0]))];
        var pass = 1;
        while (monitor.GoOn(models[pass - 1], objective: pass, pass))
            pass++;
        Assert.Equal(last, pass);
        Assert.Same(models[Array.IndexOf(merits, merits[..last].Max())], monitor.Best);
    }
}
