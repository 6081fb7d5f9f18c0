using System.Numerics;
using System.Numerics.Tensors;

namespace FocalMlNet.Optimization;

/// <summary>
/// Σ c_i z_i z_iᵀ for several factors c of each row z at the same time, in blocks of rows. In double precision throughout: of columns that
/// are nearly equal, or far from what is curved, little is left after elimination, and single precision would lose it.
/// </summary>
/// <param name="factorCount">Factors of a row.</param>
/// <param name="size">Length of z.</param>
internal sealed class OuterSums(int factorCount, int size)
{
    private const int Capacity = 128;

    /// <summary>Columns of z that are multiplied at a time with two weighted ones.</summary>
    private const int Tile = 4;

    private readonly double[] _factors = new double[factorCount * Capacity];

    // The last tile may reach beyond the columns; what it finds there is not used.
    private readonly double[] _columns = new double[(size + Tile - 1) * Capacity];
    private readonly double[] _weighted = new double[2 * Capacity];
    private readonly double[] _sums = new double[factorCount * Triangle(size)];
    private int _count;

    /// <summary>
    /// Numbers in the lower triangle of a matrix; Triangle(j) + l is the place of row j and column l ≤ j in it, row after row.
    /// </summary>
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

    /// <summary>Begins anew.</summary>
    public void Clear()
    {
        Array.Clear(_sums);
        _count = 0;
    }

    /// <summary>Adds some rows of a block.</summary>
    /// <param name="factors">Columns of factors, of all rows of the block.</param>
    /// <param name="columns">Columns of z, of those that are added.</param>
    /// <param name="rows">Which rows are added.</param>
    /// <param name="scales">What the factors of each of them are multiplied with.</param>
    public void Add(ReadOnlySpan<float> factors, ReadOnlySpan<double> columns, ReadOnlySpan<int> rows, ReadOnlySpan<double> scales)
    {
        var length = factors.Length / factorCount;
        for (int first = 0, count; first < rows.Length; first += count)
        {
            count = Math.Min(rows.Length - first, Capacity - _count);
            var some = rows.Slice(first, count);
            for (var j = 0; j < size; j++)
                columns.Slice(j * rows.Length + first, count).CopyTo(_columns.AsSpan(j * Capacity + _count));

            for (var f = 0; f < factorCount; f++)
            {
                var from = factors.Slice(f * length, length);
                var to = _factors.AsSpan(f * Capacity + _count, count);
                for (var i = 0; i < count; i++)
                    to[i] = scales[first + i] * from[some[i]];
            }

            _count += count;
            if (_count == Capacity)
                Flush();
        }
    }

    private void Flush()
    {
        // Whole vectors, the last one filled up with zeros.
        var length = (_count + Vector<double>.Count - 1) / Vector<double>.Count * Vector<double>.Count;
        for (var j = 0; j < size; j++)
            _columns.AsSpan(j * Capacity + _count, length - _count).Clear();
        for (var f = 0; f < factorCount; f++)
        {
            var own = _factors.AsSpan(f * Capacity, length);
            own[_count..].Clear();
            for (var j = 0; j < size; j += 2)
            {
                TensorPrimitives.Multiply(_columns.AsSpan(j * Capacity, length), own, _weighted);
                if (j + 1 < size)
                    TensorPrimitives.Multiply(_columns.AsSpan((j + 1) * Capacity, length), own, _weighted.AsSpan(Capacity));
                AddDots(j, length, f * Triangle(size));
            }
        }

        _count = 0;
    }

    /// <summary>
    /// To rows j and j + 1 of a triangle the dot products of the two weighted columns with the columns of z up to each one's own.
    /// </summary>
    private void AddDots(int j, int length, int place)
    {
        ref var c0 = ref _weighted[0];
        ref var c1 = ref _weighted[Capacity];
        var (row0, row1) = (place + Triangle(j), place + Triangle(j + 1));
        for (var l = 0; l <= j + 1; l += Tile)
        {
            if (l >= size)
                break;
            ref var x = ref _columns[l * Capacity];
            Vector<double> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
            for (var i = 0; i < length; i += Vector<double>.Count)
            {
                var (own0, own1) = (Vector.LoadUnsafe(ref c0, (nuint)i), Vector.LoadUnsafe(ref c1, (nuint)i));
                var (x0, x1) = (Vector.LoadUnsafe(ref x, (nuint)i), Vector.LoadUnsafe(ref x, (nuint)(Capacity + i)));
                var (x2, x3) = (Vector.LoadUnsafe(ref x, (nuint)(2 * Capacity + i)), Vector.LoadUnsafe(ref x, (nuint)(3 * Capacity + i)));
                a0 = Vector.FusedMultiplyAdd(own0, x0, a0);
                a1 = Vector.FusedMultiplyAdd(own0, x1, a1);
                a2 = Vector.FusedMultiplyAdd(own0, x2, a2);
                a3 = Vector.FusedMultiplyAdd(own0, x3, a3);
                b0 = Vector.FusedMultiplyAdd(own1, x0, b0);
                b1 = Vector.FusedMultiplyAdd(own1, x1, b1);
                b2 = Vector.FusedMultiplyAdd(own1, x2, b2);
                b3 = Vector.FusedMultiplyAdd(own1, x3, b3);
            }

            AddTile(row0 + l, j + 1 - l, a0, a1, a2, a3);
            if (j + 1 < size)
                AddTile(row1 + l, j + 2 - l, b0, b1, b2, b3);
        }
    }

    private void AddTile(int place, int count, Vector<double> v0, Vector<double> v1, Vector<double> v2, Vector<double> v3)
    {
        if (count > 0)
            _sums[place] += Vector.Sum(v0);
        if (count > 1)
            _sums[place + 1] += Vector.Sum(v1);
        if (count > 2)
            _sums[place + 2] += Vector.Sum(v2);
        if (count > 3)
            _sums[place + 3] += Vector.Sum(v3);
    }
}
