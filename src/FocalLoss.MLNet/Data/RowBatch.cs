using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Data;

/// <summary>Some consecutive rows as a cursor gave them, on their way to blocks.</summary>
internal sealed class RowBatch
{
    /// <summary>Rows of a batch at most.</summary>
    public const int Capacity = 64;

    private readonly VBuffer<float>[] _features = new VBuffer<float>[Capacity];
    private readonly int[] _labels = new int[Capacity];
    private readonly float[] _weights = new float[Capacity];
    private readonly bool[] _areFinite = new bool[Capacity];

    /// <summary>The batch's place among all.</summary>
    public long Number { get; set; }

    public int RowCount { get; private set; }

    public bool IsFull => RowCount == Capacity;

    /// <summary>Features of row i.</summary>
    public ref readonly VBuffer<float> Features(int i) => ref _features[i];

    /// <summary>Class of row i; -1 for none.</summary>
    public int Label(int i) => _labels[i];

    /// <summary>Example weight of row i.</summary>
    public float Weight(int i) => _weights[i];

    /// <summary>Whether all features of row i are finite.</summary>
    public bool IsFinite(int i) => _areFinite[i];

    /// <summary>Takes the row that a cursor is at.</summary>
    public void Append(Func<int> getLabel, ValueGetter<VBuffer<float>> getFeatures, ValueGetter<float>? getWeight)
    {
        var i = RowCount++;
        _labels[i] = getLabel();
        getFeatures(ref _features[i]);
        _areFinite[i] = AllFinite(_features[i].GetValues());
        _weights[i] = 1;
        getWeight?.Invoke(ref _weights[i]);
    }

    public void Clear() => RowCount = 0;

    private static bool AllFinite(ReadOnlySpan<float> values)
    {
        // 0 times a finite number is 0; times NaN or infinity it is NaN, which a sum keeps.
        var sum = Vector<float>.Zero;
        var i = 0;
        for (; i + Vector<float>.Count <= values.Length; i += Vector<float>.Count)
            sum += new Vector<float>(values[i..]) * Vector<float>.Zero;
        var total = Vector.Sum(sum);
        for (; i < values.Length; i++)
            total += values[i] * 0;
        return total == 0;
    }
}
