using FocalMlNet.Matrix;
using FocalMlNet.Optimization;
using FocalMlNet.Training;

namespace FocalMlNet.Tests.Optimization;

public sealed class GapJudgeTests
{
    private const int Columns = 2;

    /// <summary>What half a decrement may be too small by, beyond the change that its step makes: the sample's error.</summary>
    private const double SampleError = 1.25;

    /// <summary>
    /// A step that changes scores by much of what is allowed may leave more than the tolerance although no row is too far. There is none
    /// to be taken out then, and second derivatives of the same rows would say the same, several times over.
    /// </summary>
    [Fact]
    public void Where_no_row_is_far_none_is_taken_out()
    {
        var matrix = new RowMatrix(TrainingData.Of(RandomBlocks.Of(Columns, false, 2, 250, 250, 250, 250), 2), new ParallelOptions());
        var scaling = new Scaling([0, 0], [1, 1], 1);
        var loss = new FocalObjective(new FocalLoss(0), 1, 1);
        var objective = new ScaledObjective(loss, matrix, matrix.Weight, scaling, .01);
        var curvatures = new SampledCurvature(matrix, double.PositiveInfinity, scaling, false);
        DampedCurvature At(double[] at, FarRows? far) => curvatures.At(at, loss, .01, far);
        double[] Step(SolverState state) => At(state.Point, null).Solve(state.Gradient, 0).Step;
        var minimum = SolverState.At(new double[Columns + 1], objective.Evaluate);
        for (var step = 0; step < 10; step++)
            minimum = SolverState.At([.. minimum.Point.Zip(Step(minimum), (p, s) => p - s)], objective.Evaluate);

        // From here a step leads about as far back.
        double[] beside = [.. minimum.Point];
        beside[^1] += .6;
        var state = SolverState.At(beside, objective.Evaluate);
        var back = Step(state);
        var half = back.Zip(state.Gradient, (s, g) => s * g).Sum() / 2;
        var change = objective.LargestChange(scaling.Unscaled(back), new FarRows(double.PositiveInfinity));
        Assert.InRange(change, .4, .85);
        var times = 0;
        var judge = new GapJudge(
            objective,
            (at, far) =>
            {
                times++;
                return At(at, far);
            },
            tries: false);

        var verdict = judge.Judge(state, At(beside, null), SampleError * half * 1.01);
        Assert.Null(verdict.Gap);
        Assert.Equal(back, verdict.Step);
        Assert.Null(verdict.Curvature);
        Assert.Equal(0, times);

        // With that of the change it is within the tolerance, and no less than there is.
        var told = judge.Judge(state, At(beside, null), SampleError * half * 1.7).Gap;
        Assert.NotNull(told);
        Assert.InRange(told.Value, Math.Max(state.Value - minimum.Value, SampleError * half * 1.01), SampleError * half * 1.7);
        Assert.Equal(0, times);
    }
}
