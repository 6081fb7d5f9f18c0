
using System.Numerics;
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
    private int[]? _groups;

    /// <summary>The batch's place among all.</summary>
    public long Number { get; private set; }

    public int RowCount { get; private set; }

    /// <summary>Stored feature values of all rows.</summary>
    public long ValueCount { get; private set; }

    /// <summary>Features of row i. Whoever keeps the buffer puts another one in its place.</summary>
    public ref VBuffer<float> Features(int i) => ref _features[i];

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
        (Number, RowCount, ValueCount) = (cursor.Batch, 0, 0);
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

    /// <summary>Takes a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Append(
        Func<int> getLabel, ValueGetter<VBuffer<float>> getFeatures, ValueGetter<float>? getWeight, Func<int>? getKey = null)
    {
        var i = RowCount++;
        _labels[i] = getLabel();
        ReadOwn(getFeatures, ref _features[i]);
        var values = _features[i].GetValues();
        ValueCount += values.Length;
        _areFinite[i] = AreFinite(values);
        _weights[i] = 1;
        getWeight?.Invoke(ref _weights[i]);
        // Rows without a key are of one group: as nothing is known of them, they may belong together.
        if (getKey is not null)
            (_groups ??= new int[Capacity])[i] = getKey() + 1;
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool AreFinite(ReadOnlySpan<float> values)
    {
        // 0 times a number is 0, and times anything else NaN.
        var products = Vector<float>.Zero;
        var i = 0;
        for (; i + Vector<float>.Count <= values.Length; i += Vector<float>.Count)
            products += Vector<float>.Zero * new Vector<float>(values[i..]);
        var product = 0f;
        for (; i < values.Length; i++)
            product += 0 * values[i];
        return Vector.EqualsAll(products, Vector<float>.Zero) && product == 0;
    }
}
