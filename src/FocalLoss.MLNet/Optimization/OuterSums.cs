using System.Numerics;
using System.Numerics.Tensors;

namespace FocalMlNet.Optimization;

/// <summary>Σ c_i z_i z_iᵀ for several factors c of each row z at the same time, in blocks of rows: all that is between two outputs, for one product of two features.</summary>
/// <param name="factorCount">Factors of a row.</param>
/// <param name="size">Length of z.</param>
internal sealed class OuterSums(int factorCount, int size)
{
    private const int Capacity = 256;

    /// <summary>Columns of factors that are multiplied at a time with two columns of products.</summary>
    private const int Tile = 4;

    private readonly float[] _factors = new float[(factorCount + Tile - 1) / Tile * Tile * Capacity];
    private readonly float[] _columns = new float[size * Capacity];
    private readonly float[] _products = new float[(size + 1) * Capacity];
    private readonly double[] _sums = new double[factorCount * Triangle(size)];
    private int _count;

    /// <summary>Numbers in the lower triangle of a matrix; Triangle(j) + l is the place of row j and column l ≤ j in it, row after row.</summary>
    public static int Triangle(int size) => size * (size + 1) / 2;

    /// <summary>The sums so far, a lower triangle for each factor.</summary>
    public double[] Sums
    {
        get
        {
            Flush();
            return _sums;
        }
    }

    /// <summary>Adds some rows of a block.</summary>
    /// <param name="factors">Columns of factors.</param>
    /// <param name="columns">Columns of z.</param>
    /// <param name="rows">Which rows.</param>
    /// <param name="scales">What the factors of each of them are multiplied with.</param>
    /// <param name="length">Rows in the columns.</param>
    public void Add(ReadOnlySpan<float> factors, ReadOnlySpan<float> columns, ReadOnlySpan<int> rows, ReadOnlySpan<float> scales, int length)
    {
        for (int first = 0, count; first < rows.Length; first += count)
        {
            count = Math.Min(rows.Length - first, Capacity - _count);
            var some = rows.Slice(first, count);
            for (var j = 0; j < size; j++)
                Gather(columns.Slice(j * length, length), some, _columns.AsSpan(j * Capacity + _count, count));
            for (var f = 0; f < factorCount; f++)
            {
                var target = _factors.AsSpan(f * Capacity + _count, count);
                Gather(factors.Slice(f * length, length), some, target);
                TensorPrimitives.Multiply(target, scales.Slice(first, count), target);
            }

            _count += count;
            if (_count == Capacity)
                Flush();
        }
    }

    private static void Gather(ReadOnlySpan<float> column, ReadOnlySpan<int> rows, Span<float> target)
    {
        for (var i = 0; i < rows.Length; i++)
            target[i] = column[rows[i]];
    }

    private void Flush()
    {
        // Whole vectors, the last one filled up with zeros.
        var length = (_count + Vector<float>.Count - 1) / Vector<float>.Count * Vector<float>.Count;
        for (var j = 0; j < size; j++)
            _columns.AsSpan(j * Capacity + _count, length - _count).Clear();
        for (var f = 0; f < factorCount; f++)
            _factors.AsSpan(f * Capacity + _count, length - _count).Clear();
        for (var j = 0; j < size; j++)
        {
            for (var l = 0; l <= j; l++)
                TensorPrimitives.Multiply(_columns.AsSpan(j * Capacity, length), _columns.AsSpan(l * Capacity, length), _products.AsSpan(l * Capacity));
            AddDots(j + 1, length, Triangle(j));
        }

        _count = 0;
    }

    /// <summary>The dot products of all columns of factors with the first columns of products, added from a place in the triangle on.</summary>
    private void AddDots(int count, int length, int place)
    {
        for (var f = 0; f < factorCount; f += Tile)
        {
            ref var c = ref _factors[f * Capacity];
            for (var l = 0; l < count; l += 2)
            {
                ref var x = ref _products[l * Capacity];
                Vector<float> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
                for (var i = 0; i < length; i += Vector<float>.Count)
                {
                    var (x0, x1) = (Vector.LoadUnsafe(ref x, (nuint)i), Vector.LoadUnsafe(ref x, (nuint)(Capacity + i)));
                    var (c0, c1) = (Vector.LoadUnsafe(ref c, (nuint)i), Vector.LoadUnsafe(ref c, (nuint)(Capacity + i)));
                    var (c2, c3) = (Vector.LoadUnsafe(ref c, (nuint)(2 * Capacity + i)), Vector.LoadUnsafe(ref c, (nuint)(3 * Capacity + i)));
                    a0 = Vector.FusedMultiplyAdd(c0, x0, a0);
                    a1 = Vector.FusedMultiplyAdd(c1, x0, a1);
                    a2 = Vector.FusedMultiplyAdd(c2, x0, a2);
                    a3 = Vector.FusedMultiplyAdd(c3, x0, a3);
                    b0 = Vector.FusedMultiplyAdd(c0, x1, b0);
                    b1 = Vector.FusedMultiplyAdd(c1, x1, b1);
                    b2 = Vector.FusedMultiplyAdd(c2, x1, b2);
                    b3 = Vector.FusedMultiplyAdd(c3, x1, b3);
                }

                AddTile(f, place + l, a0, a1, a2, a3);
                if (l + 1 < count)
                    AddTile(f, place + l + 1, b0, b1, b2, b3);
            }
        }
    }

    private void AddTile(int factor, int place, Vector<float> v0, Vector<float> v1, Vector<float> v2, Vector<float> v3)
    {
        var (at, step) = (factor * Triangle(size) + place, Triangle(size));
        _sums[at] += Vector.Sum(v0);
        if (factor + 1 < factorCount)
            _sums[at + step] += Vector.Sum(v1);
        if (factor + 2 < factorCount)
            _sums[at + 2 * step] += Vector.Sum(v2);
        if (factor + 3 < factorCount)
            _sums[at + 3 * step] += Vector.Sum(v3);
    }
}
