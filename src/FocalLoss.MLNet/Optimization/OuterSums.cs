using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using FocalMlNet.Matrix;

namespace FocalMlNet.Optimization;

/// <summary>
/// Σ c_i z_i z_iᵀ for several factors c of each row z at the same time, a row in the solver's coordinates with a 1 at its end. In double
/// precision throughout: of columns that are nearly equal, or far from what is curved, little is left after elimination, and single
/// precision would lose it. Each number is summed row after row, so its bits do not depend on the width of vectors.
/// </summary>
/// <param name="factorCount">Factors of a row.</param>
/// <param name="scaling">The coordinates.</param>
internal sealed class OuterSums(int factorCount, Scaling scaling)
{
    /// <summary>Rows that are multiplied at a time.</summary>
    private const int Capacity = 64;

    /// <summary>Columns of a panel, in which they lie side by side, row after row.</summary>
    private const int Width = 8;

    private const int Panel = Width * Capacity;

    /// <summary>Weighted columns that are multiplied with a panel at a time where vectors are narrow.</summary>
    private const int FewRows = 4;

    private readonly int _size = scaling.Stride;

    /// <summary>
    /// Whether factors are multiplied with products of two columns, instead of weighted columns with columns: of many factors of few
    /// columns less is in vain then.
    /// </summary>
    private readonly bool _byProducts = IsByProducts(factorCount, scaling.Stride);

    // Eight columns of factors side by side, too.
    private readonly double[] _factors = new double[Panels(factorCount) * Panel];

    // One panel more than there are columns for: panels are multiplied in pairs. What is found there is not used.
    private readonly double[] _rows = new double[(Panels(scaling.Stride) + 1) * Panel];
    private readonly double[] _weighted = new double[2 * Panel];
    private readonly double[] _sums = new double[IsByProducts(factorCount, scaling.Stride)
        ? Panels(factorCount) * Width * StrideOfProducts(scaling.Stride) : factorCount * PlaceOf(Panels(scaling.Stride))];
    private readonly double[] _centre = Padded(scaling.Mean, scaling.Stride, 0);
    private readonly double[] _perUnit = Padded(scaling.Scale, scaling.Stride, 1);
    private int _count;

    /// <summary>
    /// Numbers in the lower triangle of a matrix; Triangle(j) + l is the place of row j and column l ≤ j in it, row after row.
    /// </summary>
    public static int Triangle(int size) => size * (size + 1) / 2;

    /// <summary>Begins anew.</summary>
    public void Clear()
    {
        Array.Clear(_sums);
        _count = 0;
    }

    /// <summary>Adds the sums so far, a lower triangle for each factor.</summary>
    public void AddTo(Span<double> triangles)
    {
        Flush();
        for (var j = 0; j < factorCount * _size; j++)
        {
            var (f, row) = (j / _size, j % _size);
            var own = triangles.Slice(f * Triangle(_size) + Triangle(row), row + 1);
            var first = _byProducts ? f * StrideOfProducts(_size) + ProductsBefore(row) * Width
                : f * PlaceOf(Panels(_size)) + PlaceOf(row / Width) + row % Width * StrideOf(row / Width);
            var sums = _sums.AsSpan(first, row + 1);
            for (var l = 0; l < own.Length; l++)
                own[l] += sums[l];
        }
    }

    /// <summary>Adds some rows of a block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="rows">Which rows are added.</param>
    /// <param name="factors">Columns of factors, of all rows of the block.</param>
    /// <param name="scales">What the factors of each row that is added are multiplied with.</param>
    public void Add(RowBlock block, ReadOnlySpan<int> rows, ReadOnlySpan<float> factors, ReadOnlySpan<double> scales)
    {
        for (int first = 0, count; first < rows.Length; first += count)
        {
            count = Math.Min(rows.Length - first, Capacity - _count);
            var some = rows.Slice(first, count);
            for (var f = 0; f < factorCount; f++)
            {
                var from = factors.Slice(f * block.RowCount, block.RowCount);
                var to = f / Width * Panel + _count * Width + f % Width;
                for (var i = 0; i < count; i++)
                    _factors[to + i * Width] = scales[first + i] * from[some[i]];
            }

            Standardise(block, some);
            _count += count;
            if (_count == Capacity)
                Flush();
        }
    }

    private static double[] Padded(ReadOnlySpan<double> values, int size, double rest)
    {
        var padded = new double[Panels(size) * Width];
        values.CopyTo(padded);
        padded.AsSpan(values.Length).Fill(rest);
        return padded;
    }

    /// <summary>Where the sums of eight rows begin, among those of a factor.</summary>
    private static int PlaceOf(int panel) => Width * Width * (Triangle(panel) + panel);

    /// <summary>Numbers in each of these rows: those of the panels up to its own, and of one more.</summary>
    private static int StrideOf(int panel) => (panel + 2) * Width;

    private static int Panels(int size) => (size + Width - 1) / Width;

    /// <summary>Panels of products of a column up to this one with those up to itself.</summary>
    private static int ProductsBefore(int column) => Width * Triangle(column / Width) + column % Width * (column / Width + 1);

    /// <summary>Numbers for all of them, in pairs of panels.</summary>
    private static int StrideOfProducts(int size) => (ProductsBefore(size) + 1) / 2 * 2 * Width;

    /// <summary>By how many vectors are weighed and multiplied for a row.</summary>
    private static bool IsByProducts(int factorCount, int size)
        => ProductsBefore(size) * (2 + Width * Panels(factorCount))
            < factorCount * Enumerable.Range(0, Panels(size)).Sum(j => 2 + 2 * Width * (j / 2 + 1));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Standardise(RowBlock block, ReadOnlySpan<int> rows)
    {
        var n = rows.Length;
        // A column of 1 at the end, and then some that are not used.
        using var scratch = new Scratch<float>(n * Panels(_size) * Width);
        block.CopyColumns(rows, scratch.Span[..(n * (_size - 1))]);
        scratch.Span[(n * (_size - 1))..].Fill(1);
        for (var p = 0; p < Panels(_size); p++)
        {
            var (centre, perUnit) = (Vector512.LoadUnsafe(ref _centre[p * Width]), Vector512.LoadUnsafe(ref _perUnit[p * Width]));
            ref var column = ref scratch.Span[p * Width * n];
            ref var panel = ref _rows[p * Panel + _count * Width];
            for (var i = 0; i < n; i++)
            {
                ref var own = ref Unsafe.Add(ref column, i);
                var row = Vector512.Create(
                    (double)own, Unsafe.Add(ref own, n), Unsafe.Add(ref own, 2 * n), Unsafe.Add(ref own, 3 * n),
                    Unsafe.Add(ref own, 4 * n), Unsafe.Add(ref own, 5 * n), Unsafe.Add(ref own, 6 * n), Unsafe.Add(ref own, 7 * n));
                ((row - centre) * perUnit).StoreUnsafe(ref panel, (nuint)(i * Width));
            }
        }
    }

    private void Flush()
    {
        if (_byProducts)
            FlushProducts();
        else
            FlushWeighted();
        _count = 0;
    }

    private void FlushWeighted()
    {
        for (var f = 0; f < factorCount; f++)
        {
            for (var j = 0; j < Panels(_size); j++)
            {
                Weigh(ref _rows[j * Panel], ref _factors[f / Width * Panel + f % Width], ref _weighted[0]);
                ref var sums = ref _sums[f * PlaceOf(Panels(_size)) + PlaceOf(j)];
                for (var l = 0; l <= j; l += 2)
                    Multiply(ref _weighted[0], ref _rows[l * Panel], ref Unsafe.Add(ref sums, l * Width), StrideOf(j));
            }
        }
    }

    private void FlushProducts()
    {
        var (stride, count) = (StrideOfProducts(_size), ProductsBefore(_size));
        for (int j = 0, l = 0, at = 0; at < count; at++)
        {
            Weigh(ref _rows[l * Panel], ref _rows[j / Width * Panel + j % Width], ref _weighted[at % 2 * Panel]);
            if (at % 2 == 1 || at == count - 1)
            {
                for (var g = 0; g < Panels(factorCount); g++)
                    Multiply(ref _factors[g * Panel], ref _weighted[0], ref _sums[g * Width * stride + at / 2 * 2 * Width], stride);
            }

            (j, l) = l == j / Width ? (j + 1, 0) : (j, l + 1);
        }
    }

    /// <summary>To the sums of eight rows the products of eight columns with a panel and the next one.</summary>
    private void Multiply(ref double columns, ref double panels, ref double sums, int stride)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            AddProducts(ref columns, ref panels, _count * Width, ref sums, stride);
            return;
        }

        for (var part = 0; part < 4; part++)
        {
            var (row, of) = (part / 2 * FewRows, part % 2);
            AddFewProducts(
                ref Unsafe.Add(ref columns, row), ref Unsafe.Add(ref panels, of * Panel), _count * Width,
                ref Unsafe.Add(ref sums, row * stride + of * Width), stride);
        }
    }

    /// <summary>A panel's rows times a column of another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Weigh(ref double panel, ref double column, ref double weighted)
    {
        for (var i = 0; i < _count * Width; i += Width)
        {
            var row = Vector512.LoadUnsafe(ref panel, (nuint)i) * Unsafe.Add(ref column, i);
            row.StoreUnsafe(ref weighted, (nuint)i);
        }
    }

    /// <summary>To the sums of eight rows the products of as many weighted columns with two panels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddProducts(ref double weighted, ref double panels, int length, ref double sums, int stride)
    {
        Vector512<double> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
        Vector512<double> e0 = default, e1 = default, f0 = default, f1 = default, g0 = default, g1 = default, h0 = default, h1 = default;
        for (var i = 0; i < length; i += Width)
        {
            var (x0, x1) = (Vector512.LoadUnsafe(ref panels, (nuint)i), Vector512.LoadUnsafe(ref panels, (nuint)(Panel + i)));
            ref var own = ref Unsafe.Add(ref weighted, i);
            AddProduct(own, x0, x1, ref a0, ref a1);
            AddProduct(Unsafe.Add(ref own, 1), x0, x1, ref b0, ref b1);
            AddProduct(Unsafe.Add(ref own, 2), x0, x1, ref c0, ref c1);
            AddProduct(Unsafe.Add(ref own, 3), x0, x1, ref d0, ref d1);
            AddProduct(Unsafe.Add(ref own, 4), x0, x1, ref e0, ref e1);
            AddProduct(Unsafe.Add(ref own, 5), x0, x1, ref f0, ref f1);
            AddProduct(Unsafe.Add(ref own, 6), x0, x1, ref g0, ref g1);
            AddProduct(Unsafe.Add(ref own, 7), x0, x1, ref h0, ref h1);
        }

        Add(ref sums, a0, a1);
        Add(ref Unsafe.Add(ref sums, stride), b0, b1);
        Add(ref Unsafe.Add(ref sums, 2 * stride), c0, c1);
        Add(ref Unsafe.Add(ref sums, 3 * stride), d0, d1);
        Add(ref Unsafe.Add(ref sums, 4 * stride), e0, e1);
        Add(ref Unsafe.Add(ref sums, 5 * stride), f0, f1);
        Add(ref Unsafe.Add(ref sums, 6 * stride), g0, g1);
        Add(ref Unsafe.Add(ref sums, 7 * stride), h0, h1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddProduct(
        double weighted, Vector512<double> x0, Vector512<double> x1, ref Vector512<double> sum0, ref Vector512<double> sum1)
    {
        var own = Vector512.Create(weighted);
        sum0 = Vector512.FusedMultiplyAdd(own, x0, sum0);
        sum1 = Vector512.FusedMultiplyAdd(own, x1, sum1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref double to, Vector512<double> first, Vector512<double> second)
    {
        (Vector512.LoadUnsafe(ref to) + first).StoreUnsafe(ref to);
        (Vector512.LoadUnsafe(ref to, Width) + second).StoreUnsafe(ref to, Width);
    }

    /// <summary>The same of four rows with one panel, for narrower vectors, of which so many find room in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFewProducts(ref double weighted, ref double panel, int length, ref double sums, int stride)
    {
        Vector256<double> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
        for (var i = 0; i < length; i += Width)
        {
            var (x0, x1) = (Vector256.LoadUnsafe(ref panel, (nuint)i), Vector256.LoadUnsafe(ref panel, (nuint)(Width / 2 + i)));
            ref var own = ref Unsafe.Add(ref weighted, i);
            AddProduct(own, x0, x1, ref a0, ref a1);
            AddProduct(Unsafe.Add(ref own, 1), x0, x1, ref b0, ref b1);
            AddProduct(Unsafe.Add(ref own, 2), x0, x1, ref c0, ref c1);
            AddProduct(Unsafe.Add(ref own, 3), x0, x1, ref d0, ref d1);
        }

        Add(ref sums, a0, a1);
        Add(ref Unsafe.Add(ref sums, stride), b0, b1);
        Add(ref Unsafe.Add(ref sums, 2 * stride), c0, c1);
        Add(ref Unsafe.Add(ref sums, 3 * stride), d0, d1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddProduct(
        double weighted, Vector256<double> x0, Vector256<double> x1, ref Vector256<double> sum0, ref Vector256<double> sum1)
    {
        var own = Vector256.Create(weighted);
        sum0 = Vector256.FusedMultiplyAdd(own, x0, sum0);
        sum1 = Vector256.FusedMultiplyAdd(own, x1, sum1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref double to, Vector256<double> first, Vector256<double> second)
    {
        (Vector256.LoadUnsafe(ref to) + first).StoreUnsafe(ref to);
        (Vector256.LoadUnsafe(ref to, Width / 2) + second).StoreUnsafe(ref to, Width / 2);
    }
}
