using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using FocalMlNet.Matrix;

namespace FocalMlNet.Optimization;

/// <summary>
/// What the scores of each of some rows would be, had the model been trained without this row: a Newton step from the minimum for all rows,
/// which the row's leverage tells (Rad and Maleki 2020, "A scalable estimate of the out-of-sample prediction error via approximate
/// leave-one-out cross-validation", section 2). For outputs that do not depend on each other.
/// </summary>
/// <param name="blocks">The rows; their weights are what leaves with them.</param>
/// <param name="objective">What has been minimised.</param>
/// <param name="parallel">Threads and cancellation.</param>
internal sealed class LeaveOneOut(IReadOnlyList<RowBlock> blocks, IObjective objective, ParallelOptions parallel)
{
    /// <summary>Rows at a time, side by side.</summary>
    private const int Width = 32;

    /// <summary>
    /// What is left at least of the curvature along a row without it: H may be taken in rows that were drawn, and then not have the row.
    /// </summary>
    private const double LeastRest = 1e-3;

    /// <summary>Adds what leaving each row out changes to its scores.</summary>
    /// <param name="model">The minimum.</param>
    /// <param name="minima">Those of which it was the last that was found.</param>
    /// <param name="slopes">What changes of each output are multiplied with.</param>
    /// <param name="scores">scores[k][i] is output k of row i.</param>
    public void Add(LinearModel model, PenaltyMinima minima, double[] slopes, float[][] scores)
    {
        var factors = minima.Outputs.Select((_, place) => minima.Curvature!.Factor(place)).ToArray();
        var firsts = new int[blocks.Count + 1];
        for (var b = 0; b < blocks.Count; b++)
            firsts[b + 1] = firsts[b] + blocks[b].RowCount;
        ParallelLoop.For(blocks.Count, parallel, b =>
        {
            var (block, n) = (blocks[b], blocks[b].RowCount);
            var (own, rowSlopes) = (new float[n * model.OutputCount], new float[n * model.OutputCount]);
            var curvatures = new float[own.Length];
            block.Scores(model.Coefficients, model.Offsets, own);
            objective.Evaluate(own, block.Labels, block.Weights, rowSlopes);
            objective.Curvatures(own, block.Labels, block.Weights, curvatures);
            TensorPrimitives.Max(curvatures, 0, curvatures);
            for (var place = 0; place < factors.Length; place++)
            {
                var (k, leverages) = (minima.Outputs[place], new double[n]);
                if (factors[place] is var (factor, unit))
                    Leverages(block, minima.Scaling, factor, unit, leverages);
                else
                    Array.Fill(leverages, double.NaN);
                for (var i = 0; i < n; i++)
                {
                    var leverage = leverages[i] / minima.Weight;
                    var rest = Math.Max(LeastRest, 1 - leverage * curvatures[k * n + i]);
                    scores[k][firsts[b] + i] += (float)(slopes[k] * leverage * rowSlopes[k * n + i] / rest);
                }
            }
        });
    }

    /// <summary>zᵀ H⁻¹ z of each row z of a block.</summary>
    private static void Leverages(RowBlock block, Scaling scaling, double[][] factor, double[] unit, double[] leverages)
    {
        var (columnCount, panel) = (scaling.ColumnCount, new double[scaling.Stride * Width]);
        var (values, squares, rows) = (new float[columnCount * Width], new double[Width], new int[Width]);
        for (var first = 0; first < block.RowCount; first += Width)
        {
            // In the place of rows that are not there the last one comes again.
            var count = Math.Min(Width, block.RowCount - first);
            for (var i = 0; i < Width; i++)
                rows[i] = first + Math.Min(i, count - 1);
            block.CopyColumns(rows, values);
            for (var j = 0; j < columnCount; j++)
            {
                var own = panel.AsSpan(j * Width, Width);
                TensorPrimitives.ConvertTruncating<float, double>(values.AsSpan(j * Width, Width), own);
                TensorPrimitives.Subtract<double>(own, scaling.Mean[j], own);
                TensorPrimitives.Multiply<double>(own, scaling.Scale[j] * unit[j], own);
            }

            panel.AsSpan(columnCount * Width, Width).Fill(unit[columnCount]);
            Squares(factor, panel, squares);
            squares.AsSpan(0, count).CopyTo(leverages.AsSpan(first));
        }
    }

    /// <summary>The squared length of each x with L x = z.</summary>
    /// <param name="factor">L, its lower triangle.</param>
    /// <param name="panel">Numbers of each z, side by side; they are overwritten.</param>
    /// <param name="squares">The result.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Squares(double[][] factor, double[] panel, double[] squares)
    {
        Array.Clear(squares);
        for (var j = 0; j < factor.Length; j++)
        {
            var row = factor[j];
            ref var own = ref panel[j * Width];
            var (a, b, c, d) = (Load(ref own, 0), Load(ref own, 4), Load(ref own, 8), Load(ref own, 12));
            var (e, f, g, h) = (Load(ref own, 16), Load(ref own, 20), Load(ref own, 24), Load(ref own, 28));
            for (var k = 0; k < j; k++)
            {
                var times = Vector256.Create(-row[k]);
                ref var other = ref panel[k * Width];
                a = Vector256.FusedMultiplyAdd(times, Load(ref other, 0), a);
                b = Vector256.FusedMultiplyAdd(times, Load(ref other, 4), b);
                c = Vector256.FusedMultiplyAdd(times, Load(ref other, 8), c);
                d = Vector256.FusedMultiplyAdd(times, Load(ref other, 12), d);
                e = Vector256.FusedMultiplyAdd(times, Load(ref other, 16), e);
                f = Vector256.FusedMultiplyAdd(times, Load(ref other, 20), f);
                g = Vector256.FusedMultiplyAdd(times, Load(ref other, 24), g);
                h = Vector256.FusedMultiplyAdd(times, Load(ref other, 28), h);
            }

            var perOwn = Vector256.Create(1 / row[j]);
            Put(a, 0);
            Put(b, 4);
            Put(c, 8);
            Put(d, 12);
            Put(e, 16);
            Put(f, 20);
            Put(g, 24);
            Put(h, 28);

            void Put(Vector256<double> rest, int at)
            {
                var x = rest * perOwn;
                x.StoreUnsafe(ref panel[j * Width + at]);
                (Load(ref squares[0], at) + x * x).StoreUnsafe(ref squares[at]);
            }
        }

        static Vector256<double> Load(ref double from, int at) => Vector256.LoadUnsafe(ref from, (nuint)at);
    }
}
