
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Matrix;

/// <summary>Some consecutive rows as a cursor gave them, on their way to blocks.</summary>
internal sealed class RowBatch
{
    /// <summary>Rows of a batch at most.</summary>
    public const int Capacity = 64;

    /// <summary>
    /// Stored feature values after which no row is added: a few batches of very wide rows would take more memory than all else.
    /// </summary>
    public const int EnoughValues = 1 << 14;

    private readonly VBuffer<float>[] _features = new VBuffer<float>[Capacity];
    private readonly int[] _labels = new int[Capacity];
    private readonly float[] _weights = new float[Capacity];
    private readonly bool[] _areFinite = new bool[Capacity];
    private readonly int[] _nonZeros = new int[Capacity];
    private readonly List<(RowBlockBuilder Builder, int Place, int First, int Count)> _places = [];
    private int[]? _groups;

    /// <summary>The batch's place among all.</summary>
    public long Number { get; private set; }

    public int RowCount { get; private set; }

    /// <summary>Stored feature values of all rows.</summary>
    public long ValueCount { get; private set; }

    /// <summary>The stored feature values, and one for each row, since rows may have none.</summary>
    public long NumberCount => ValueCount + RowCount;

    /// <summary>Features of row i.</summary>
    public ref readonly VBuffer<float> Features(int i) => ref _features[i];

    /// <summary>Class of row i; -1 for none.</summary>
    public int Label(int i) => _labels[i];

    /// <summary>Example weight of row i.</summary>
    public float Weight(int i) => _weights[i];

    /// <summary>The number of row i's group: 0 without a key, or -1 if rows are not grouped.</summary>
    public int Group(int i) => _groups?[i] ?? -1;

    /// <summary>Whether all features of row i are finite.</summary>
    public bool IsFinite(int i) => _areFinite[i];

    /// <summary>Whether no row should be added.</summary>
    public bool IsFull
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => RowCount == Capacity || ValueCount >= EnoughValues;
    }

    /// <summary>
    /// Begins anew with the cursor's row, and takes those after it as long as they have the same number and there is room.
    /// </summary>
    /// <returns>Whether the cursor is at a row that was not taken.</returns>
    /// <exception cref="OperationCanceledException">The reading has been cancelled. That is seen at each row.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool Fill(
        DataViewRowCursor cursor, Func<int> getLabel, ValueGetter<VBuffer<float>> getFeatures, ValueGetter<float>? getWeight,
        Func<int>? getKey, CancellationToken cancellation)
    {
        (RowCount, ValueCount, IsWhole) = (0, 0, false);
        _places.Clear();
        Number = cursor.Batch;
        do
        {
            // At each row: a slow source may take seconds for one.
            cancellation.ThrowIfCancellationRequested();
            Append(getLabel, getFeatures, getWeight, getKey);
            if (!cursor.MoveNext())
                return false;
        }
        while (!IsFull && cursor.Batch == Number);
        return true;
    }

    /// <summary>Whether all rows are used, each in the order in which it comes: what whoever has read them may know already.</summary>
    public bool IsWhole { get; set; }

    /// <summary>Gives the next rows places in a builder, as many as it has, and returns how many.</summary>
    /// <param name="first">The first of them.</param>
    /// <param name="most">So many at most.</param>
    /// <param name="builder">The builder.</param>
    public int Place(int first, int most, RowBlockBuilder builder)
    {
        var count = Math.Min(most, builder.Room);
        _places.Add((builder, builder.Reserve(count, RowBlockBuilder.IsDense(_features[first], _nonZeros[first])), first, count));
        return count;
    }

    /// <summary>Writes all rows where they go.</summary>
    public void Write()
    {
        foreach (var (builder, place, first, count) in _places)
        {
            builder.Write(
                place, _features.AsSpan(first, count), _labels.AsSpan(first, count), _weights.AsSpan(first, count),
                _groups is null ? [] : _groups.AsSpan(first, count), TensorPrimitives.Sum<int>(_nonZeros.AsSpan(first, count)));
        }
    }

    /// <summary>Takes a row: if that fails, the batch is one of the rows before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Append(
        Func<int> getLabel, ValueGetter<VBuffer<float>> getFeatures, ValueGetter<float>? getWeight, Func<int>? getKey = null)
    {
        var i = RowCount;
        _labels[i] = getLabel();
        ReadOwn(getFeatures, ref _features[i]);
        var values = _features[i].GetValues();
        ValueCount += values.Length;
        (_areFinite[i], _nonZeros[i]) = Look(values);
        _weights[i] = 1;
        getWeight?.Invoke(ref _weights[i]);
        // Rows without a key are of one group: as nothing is known of them, they may belong together.
        if (getKey is not null)
            (_groups ??= new int[Capacity])[i] = getKey() + 1;
        RowCount = i + 1;
    }

    /// <summary>
    /// Reads a row into a buffer that stays the batch's own. A getter fills the buffer it is given; if another comes back, it may be one
    /// that the view lends for this row only and overwrites with the next.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ReadOwn(ValueGetter<VBuffer<float>> getFeatures, ref VBuffer<float> features)
    {
        var own = features;
        getFeatures(ref features);
        if (IsSame(own.GetValues(), features.GetValues()) && IsSame(own.GetIndices(), features.GetIndices()))
            return;
        features.CopyTo(ref own);
        features = own;
    }

    /// <summary>Whether two spans begin at the same place in memory, be they empty or not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsSame<T>(ReadOnlySpan<T> own, ReadOnlySpan<T> given)
        => Unsafe.AreSame(ref MemoryMarshal.GetReference(own), ref MemoryMarshal.GetReference(given));

    /// <summary>Whether some values are finite, and how many are not 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (bool AreFinite, int NonZeros) Look(ReadOnlySpan<float> values)
    {
        // 0 times a number is 0, and times anything else NaN.
        var (products, zeros) = (Vector<float>.Zero, Vector<int>.Zero);
        var i = 0;
        for (; i + Vector<float>.Count <= values.Length; i += Vector<float>.Count)
        {
            var some = new Vector<float>(values[i..]);
            products += Vector<float>.Zero * some;
            zeros += Vector.AsVectorInt32(Vector.Equals(some, Vector<float>.Zero));
        }

        var (product, nonZeros) = (0f, i + Vector.Sum(zeros));
        for (; i < values.Length; i++)
        {
            product += 0 * values[i];
            nonZeros += values[i] != 0 ? 1 : 0;
        }

        return (Vector.EqualsAll(products, Vector<float>.Zero) && product == 0, nonZeros);
    }
}
