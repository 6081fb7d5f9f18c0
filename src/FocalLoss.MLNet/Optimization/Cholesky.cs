using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace FocalMlNet.Optimization;

/// <summary>L Lᵀ of a symmetric positive definite matrix, of which only the lower triangle is given, row after row.</summary>
internal static class Cholesky
{
    /// <summary>Numbers side by side in a row.</summary>
    private const int Width = 8;

    /// <summary>Columns that are found together, and then taken out of all that come after.</summary>
    private const int Columns = 2 * Width;

    /// <summary>Rows from which they are taken out together.</summary>
    private const int Rows = 4;

    /// <summary>Replaces a matrix by L.</summary>
    /// <returns>Whether it is positive definite and finite; if not, it is as it was.</returns>
    public static bool Factor(double[][] matrix)
    {
        var n = matrix.Length;
        // Rows of whole vectors, and some more: what is beyond the diagonal is any number.
        var stride = (n + Columns - 1) / Columns * Columns;
        using var square = new Scratch<double>((n + Rows) * stride);
        using var some = new Scratch<double>(Columns * stride);
        for (var i = 0; i < n; i++)
            matrix[i].CopyTo(square.Span[(i * stride)..]);
        for (var first = 0; first < n; first += Columns)
        {
            if (!FactorColumns(square.Span, some.Span, n, stride, first))
                return false;
            TakeOut(ref square.Span[0], ref some.Span[0], n, stride, first);
        }

        for (var i = 0; i < n; i++)
            square.Span.Slice(i * stride, i + 1).CopyTo(matrix[i]);
        return true;
    }

    /// <summary>Replaces a vector b by the x with L Lᵀ x = b.</summary>
    public static void Solve(double[][] factor, Span<double> vector)
    {
        for (var j = 0; j < vector.Length; j++)
            vector[j] = (vector[j] - TensorPrimitives.Dot<double>(factor[j].AsSpan(0, j), vector[..j])) / factor[j][j];
        for (var j = vector.Length - 1; j >= 0; j--)
        {
            vector[j] /= factor[j][j];
            TensorPrimitives.MultiplyAdd<double>(factor[j].AsSpan(0, j), -vector[j], vector[..j], vector[..j]);
        }
    }

    /// <summary>Some columns of L, those before having been taken out; also side by side in <paramref name="columns"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool FactorColumns(Span<double> square, Span<double> columns, int n, int stride, int first)
    {
        for (var j = first; j < Math.Min(n, first + Columns); j++)
        {
            var own = columns.Slice((j - first) * stride, n);
            for (var i = j; i < n; i++)
                own[i] = square[i * stride + j];
            own = own[j..];
            for (var before = first; before < j; before++)
            {
                var other = columns.Slice((before - first) * stride + j, own.Length);
                TensorPrimitives.FusedMultiplyAdd<double>(other, -other[0], own, own);
            }

            if (!(own[0] > 0) || !double.IsFinite(own[0]))
                return false;
            TensorPrimitives.Divide<double>(own, Math.Sqrt(own[0]), own);
            for (var i = j; i < n; i++)
                square[i * stride + j] = own[i - j];
        }

        return true;
    }

    /// <summary>Takes some columns of L out of all numbers to their right.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TakeOut(ref double square, ref double columns, int n, int stride, int first)
    {
        for (var i = first + Columns; i < n; i += Rows)
        {
            for (var j = first + Columns; j < Math.Min(n, i + Rows); j += 2 * Width)
            {
                ref var own = ref Unsafe.Add(ref square, i * stride + j);
                var (a0, b0) = (Load(ref own, 0), Load(ref own, Width));
                var (a1, b1) = (Load(ref own, stride), Load(ref own, stride + Width));
                var (a2, b2) = (Load(ref own, 2 * stride), Load(ref own, 2 * stride + Width));
                var (a3, b3) = (Load(ref own, 3 * stride), Load(ref own, 3 * stride + Width));
                for (var k = 0; k < Columns; k++)
                {
                    ref var column = ref Unsafe.Add(ref columns, k * stride);
                    var (x, y) = (Load(ref column, j), Load(ref column, j + Width));
                    var times = Vector512.Create(-Unsafe.Add(ref column, i));
                    (a0, b0) = (Vector512.FusedMultiplyAdd(times, x, a0), Vector512.FusedMultiplyAdd(times, y, b0));
                    times = Vector512.Create(-Unsafe.Add(ref column, i + 1));
                    (a1, b1) = (Vector512.FusedMultiplyAdd(times, x, a1), Vector512.FusedMultiplyAdd(times, y, b1));
                    times = Vector512.Create(-Unsafe.Add(ref column, i + 2));
                    (a2, b2) = (Vector512.FusedMultiplyAdd(times, x, a2), Vector512.FusedMultiplyAdd(times, y, b2));
                    times = Vector512.Create(-Unsafe.Add(ref column, i + 3));
                    (a3, b3) = (Vector512.FusedMultiplyAdd(times, x, a3), Vector512.FusedMultiplyAdd(times, y, b3));
                }

                Put(a0, b0, ref own, 0);
                Put(a1, b1, ref own, stride);
                Put(a2, b2, ref own, 2 * stride);
                Put(a3, b3, ref own, 3 * stride);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Load(ref double from, int at) => Vector512.LoadUnsafe(ref from, (nuint)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(Vector512<double> a, Vector512<double> b, ref double to, int at)
    {
        a.StoreUnsafe(ref to, (nuint)at);
        b.StoreUnsafe(ref to, (nuint)(at + Width));
    }
}
