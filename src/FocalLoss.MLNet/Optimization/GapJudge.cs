using System.Numerics.Tensors;

namespace FocalMlNet.Optimization;

/// <summary>What a second look at a point that seems to be the minimum says.</summary>
/// <param name="Gap">An upper estimate of the gap to the minimum if that is within the tolerance, else null.</param>
/// <param name="Step">The Newton step that is left, without the rows that hid it.</param>
/// <param name="Curvature">The curvature without them.</param>
/// <param name="Gradient">The gradient without them.</param>
internal sealed record Verdict(double? Gap, double[]? Step = null, ICurvature? Curvature = null, double[]? Gradient = null);

/// <summary>
/// Says whether a point is the minimum to within a tolerance. Half the decrement gᵀ H⁻¹ g of a Newton step estimates the gap if the step
/// changes no score by more than the losses' quadratic models hold for: their curvature grows and falls by no more than e^(rate · change)
/// (Bach 2010). A row far out may break that with next to no loss of its own, and its square in H then hides what all others ask for.
/// Without the curvature of such rows the decrement still is a bound, their losses being convex where they are small; without them
/// altogether the gap is at most their loss here, none being negative, plus the gap of all others.
/// </summary>
/// <param name="objective">What is minimised, of all rows.</param>
/// <param name="curvatureWithout">The second derivative at a point without some rows.</param>
/// <param name="tries">
/// Whether a step without the curvature of far rows is tried instead of bounded: with many coordinates any row may be far, and without all
/// of them there is nothing to bound.
/// </param>
/// <param name="curvatureOf">The second derivative of an objective of some of the outputs; null if none is to be looked at alone.</param>
internal sealed class GapJudge(
    ScaledObjective objective, Func<double[], FarRows, ICurvature> curvatureWithout, bool tries,
    Func<ScaledObjective, Func<double[], FarRows?, ICurvature>>? curvatureOf = null)
{
    /// <summary>The largest change, times the rate, of any score with which half the decrement tells the gap.</summary>
    private const double MostChange = .9;

    /// <summary>How many times as large as that a gap may be, since second derivatives are those of a sample of the rows.</summary>
    private const double SampleError = 1.25;

    /// <summary>The same where the losses fall off exponentially: each step promises half of what is left there.</summary>
    private const double WhileFalling = 2;

    /// <summary>A step that is tried and gains this share of the tolerance has found what was hidden.</summary>
    private const double TriedGain = .1;

    /// <summary>Rows are taken out in so many rounds at most.</summary>
    private const int MostRounds = 4;

    /// <summary>
    /// After a look in vain the next one comes when a step promises this share of it: a look takes as long as one or two steps by a matrix,
    /// and a step by products as long as several looks.
    /// </summary>
    public double NextLook => tries ? .25 : .01;

    /// <summary>
    /// How many times half the decrement the gap may be where curvatures along a step fall by no more than e^-r: on t times the step the
    /// decrease is at most t - (e^(-rt) - 1 + rt) / r² of the decrement, and that is largest where 1 - e^(-rt) = r, for r below 1.
    /// </summary>
    private static double Excess(double r) => r < 1e-3 ? 1 + r / 3 : 2 * (r + (1 - r) * Math.Log(1 - r)) / (r * r);

    /// <summary>Looks at a point.</summary>
    /// <param name="state">The point and its value.</param>
    /// <param name="known">The curvature there.</param>
    /// <param name="tolerance">The largest gap.</param>
    public Verdict Judge(SolverState state, ICurvature known, double tolerance)
    {
        var bound = MostChange / objective.Loss.TailRate;
        var (step, half) = Newton(known, state.Gradient);
        if (!(SampleError * half <= tolerance))
            return new Verdict(null, step);
        var far = new FarRows(bound);
        if (Within(out var moved, out var isFarther) is { } gap)
            return new Verdict(gap);
        if (isFarther && OfNearOutputs() is { } ofFew)
            return new Verdict(ofFew);
        if (tries)
            return Try(far);
        // Where no row is too far, none can be taken out, and each round would find the same.
        for (var round = 0; round < MostRounds && isFarther; round++)
        {
            far.Add(moved);
            // Their losses are above their tangents here, which keeps their slopes and leaves out their curvature.
            var curvature = curvatureWithout(state.Point, far);
            (step, half) = Newton(curvature, state.Gradient);
            if (SampleError * half <= tolerance)
            {
                if (Within(out moved, out isFarther) is { } left)
                    return new Verdict(left);
                continue;
            }

            // And they are above 0: then nothing of them is left but what they have to lose.
            var (ofOthers, ofThem) = GradientWithout(far);
            if (!(ofThem <= tolerance))
                return new Verdict(null, step);
            (step, half) = Newton(curvature, ofOthers);
            if (!(SampleError * half + ofThem <= tolerance))
                return new Verdict(null, step, curvature, ofOthers);
            if (Within(out moved, out isFarther, ofThem) is { } more)
                return new Verdict(more);
        }

        return new Verdict(null, step);

        // The gap, if that is within the tolerance and the step moves no row too far that is not far already.
        double? Within(out LinearModel change, out bool movesTooFar, double ofThem = 0)
        {
            change = objective.Scaling.Unscaled(step);
            var largest = objective.LargestChange(change, far);
            movesTooFar = !(largest <= bound);
            var most = SampleError * Excess(largest * objective.Loss.TailRate) * half + ofThem;
            return !movesTooFar && most <= tolerance ? most : null;
        }

        // The gap by the outputs that the step moves little in all rows, if the others have next to nothing to lose. Those alone, without
        // the rows that are true of others, are nowhere above all together: what is left of the value without the others may be gained at
        // most, and then the gap of those.
        double? OfNearOutputs()
        {
            var fewest = objective.Loss.IsCoupled ? 2 : 1;
            if (curvatureOf is null || moved.OutputCount <= fewest)
                return null;
            int[] near = [.. Enumerable.Range(0, moved.OutputCount).Where(
                k => objective.LargestChange(moved.Some([k]), far) <= bound / 2)];
            if (near.Length < fewest || near.Length == moved.OutputCount || objective.OfOutputs(near) is not { } few)
                return null;
            var point = new double[few.Scaling.Size];
            for (var place = 0; place < near.Length; place++)
                state.Point.AsSpan(near[place] * few.Scaling.Stride, few.Scaling.Stride).CopyTo(point.AsSpan(place * few.Scaling.Stride));
            if (few.Loss.IsCoupled)
                few.Scaling.Centre(point);
            var own = SolverState.At(point, few.Evaluate);
            var ofOthers = Math.Max(0, state.Value - own.Value);
            if (!(ofOthers <= tolerance / 2))
                return null;
            var curvature = curvatureOf(few);
            return ofOthers + new GapJudge(few, curvature, tries, curvatureOf)
                .Judge(own, curvature(point, null), tolerance - ofOthers).Gap;
        }

        Verdict Try(FarRows rows)
        {
            var promised = WhileFalling * half;
            if (!(promised <= tolerance))
                return new Verdict(null, step);
            rows.Add(moved);
            var (ofOthers, _) = GradientWithout(rows);
            var curvature = curvatureWithout(state.Point, rows);
            var (trial, _) = Newton(curvature, ofOthers);
            var end = new double[trial.Length];
            foreach (var length in (ReadOnlySpan<double>)[1, .1])
            {
                TensorPrimitives.MultiplyAdd<double>(trial, -length, state.Point, end);
                if (objective.Evaluate(end, new double[end.Length]) < state.Value - TriedGain * tolerance)
                    return new Verdict(null, trial, curvature, ofOthers);
            }

            return new Verdict(promised);
        }

        (double[] Step, double Half) Newton(ICurvature curvature, double[] gradient)
        {
            var (whole, isWhole) = curvature.Solve(gradient, 0);
            // What was not reached may promise anything, and so may a slope that nothing bends, where a step has no end.
            return (whole, isWhole && !IsStraight(whole, gradient)
                ? TensorPrimitives.Dot<double>(whole, gradient) / 2 : double.PositiveInfinity);
        }

        static bool IsStraight(double[] whole, double[] gradient)
        {
            for (var at = 0; at < whole.Length; at++)
            {
                if (whole[at] == 0 && gradient[at] != 0)
                    return true;
            }

            return false;
        }

        (double[] Gradient, double Left) GradientWithout(FarRows rows)
        {
            var ofOthers = new double[state.Point.Length];
            var ofThem = objective.EvaluateWithout(rows, state.Point, ofOthers);
            return (ofOthers, state.Value - ofThem);
        }
    }
}
