namespace Microsoft.ML.Data;

/// <summary>A vector of some length, dense or (with indices, strictly rising) sparse.</summary>
public readonly struct VBuffer<T>
{
    private readonly T[] _values;
    private readonly int[] _indices;
    private readonly int _count;
    public readonly int Length;

    public VBuffer(int length, T[] values, int[] indices = null) : this(length, length, values, indices) { }

    public VBuffer(int length, int count, T[] values, int[] indices)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (count < 0 || count > length)
            throw new ArgumentOutOfRangeException(nameof(count), $"count = {count}, but it should be in [0; {length}]");
        if ((values?.Length ?? 0) < count)
            throw new ArgumentOutOfRangeException(nameof(values), $"{count} values are needed");
        if (count < length && (indices?.Length ?? 0) < count)
            throw new ArgumentOutOfRangeException(nameof(indices), $"{count} indices are needed");
        Length = length;
        _count = count;
        _values = values ?? [];
        _indices = indices ?? [];
    }

    public bool IsDense => _count == Length;
    internal T[] ValueArray => _values;
    internal int[] IndexArray => _indices;

    public static void Copy(T[] source, int sourceIndex, ref VBuffer<T> destination, int length)
    {
        var editor = VBufferEditor.Create(ref destination, length);
        source.AsSpan(sourceIndex, length).CopyTo(editor.Values);
        destination = editor.Commit();
    }

    public ReadOnlySpan<T> GetValues() => _values.AsSpan(0, _count);
    public ReadOnlySpan<int> GetIndices() => IsDense ? default : _indices.AsSpan(0, _count);

    public void CopyToDense(ref VBuffer<T> destination)
    {
        var editor = VBufferEditor.Create(ref destination, Length);
        CopyTo(editor.Values);
        destination = editor.Commit();
    }

    public void CopyTo(ref VBuffer<T> destination)
    {
        var editor = VBufferEditor.Create(ref destination, Length, _count);
        GetValues().CopyTo(editor.Values);
        GetIndices().CopyTo(editor.Indices);
        destination = editor.Commit();
    }

    public void CopyTo(Span<T> destination) => CopyTo(destination, 0);

    public void CopyTo(Span<T> destination, int destinationIndex, T defaultValue = default)
    {
        if (destinationIndex < 0 || destinationIndex > destination.Length - Length)
            throw new ArgumentOutOfRangeException(nameof(destination), "Not large enough to hold these values");
        destination = destination.Slice(destinationIndex, Length);
        if (IsDense)
        {
            GetValues().CopyTo(destination);
            return;
        }
        destination.Fill(defaultValue);
        for (var i = 0; i < _count; i++)
            destination[_indices[i]] = _values[i];
    }

    public IEnumerable<KeyValuePair<int, T>> Items(bool all = false)
    {
        if (all)
            return DenseValues().Select((value, i) => KeyValuePair.Create(i, value));
        var (values, indices, dense) = (_values, _indices, IsDense);
        return Enumerable.Range(0, _count).Select(i => KeyValuePair.Create(dense ? i : indices[i], values[i]));
    }

    public IEnumerable<T> DenseValues()
    {
        for (int slot = 0, next = 0; slot < Length; slot++)
            yield return IsDense ? _values[slot] : next < _count && _indices[next] == slot ? _values[next++] : default;
    }

    public void GetItemOrDefault(int index, ref T destination) => destination = GetItemOrDefault(index);

    public T GetItemOrDefault(int index)
    {
        if (index < 0 || index >= Length)
            throw new ArgumentOutOfRangeException(nameof(index));
        var at = IsDense ? index : Array.BinarySearch(_indices, 0, _count, index);
        return at >= 0 ? _values[at] : default;
    }

    public override string ToString() =>
        IsDense ? $"Dense vector of size {Length}" : $"Sparse vector of size {Length}, {_count} explicit values";
}

public static class VBufferEditor
{
    public static VBufferEditor<T> CreateFromBuffer<T>(ref VBuffer<T> destination) => new(destination.Length,
        destination.GetValues().Length, destination.ValueArray ?? [], destination.IndexArray ?? [], !destination.IsDense, false, false);

    public static VBufferEditor<T> Create<T>(ref VBuffer<T> destination, int newLogicalLength, int? valuesCount = null,
        int? maxValuesCapacity = null, bool keepOldOnResize = false, bool requireIndicesOnDense = false)
    {
        var count = valuesCount ?? newLogicalLength;
        if (count < 0 || count > newLogicalLength)
            throw new ArgumentOutOfRangeException(nameof(valuesCount), $"{count}, but it should be in [0; {newLogicalLength}]");
        var withIndices = count < newLogicalLength || requireIndicesOnDense;
        var values = Resize(destination.ValueArray, count, keepOldOnResize, out var newValues);
        var newIndices = false;
        var indices = withIndices ? Resize(destination.IndexArray, count, keepOldOnResize, out newIndices) : destination.IndexArray ?? [];
        return new(newLogicalLength, count, values, indices, withIndices, newValues, newIndices);
    }

    private static TItem[] Resize<TItem>(TItem[] old, int count, bool keep, out bool isNew)
    {
        isNew = old is null || old.Length < count;
        var array = isNew ? new TItem[count] : old;
        if (isNew && keep)
            old?.CopyTo(array, 0);
        return array;
    }
}

public readonly ref struct VBufferEditor<T>
{
    private readonly int _length;
    private readonly T[] _values;
    private readonly int[] _indices;
    public readonly Span<T> Values;
    public readonly Span<int> Indices;

    internal VBufferEditor(int length, int count, T[] values, int[] indices, bool withIndices, bool newValues, bool newIndices)
    {
        _length = length;
        _values = values;
        _indices = indices;
        Values = values.AsSpan(0, count);
        Indices = withIndices ? indices.AsSpan(0, count) : default;
        CreatedNewValues = newValues;
        CreatedNewIndices = newIndices;
    }

    public bool CreatedNewValues { get; }
    public bool CreatedNewIndices { get; }
    public VBuffer<T> Commit() => new(_length, Values.Length, _values, _indices);

    public VBuffer<T> CommitTruncated(int physicalValuesCount)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(physicalValuesCount, Values.Length);
        return physicalValuesCount == _length || Indices.Length >= physicalValuesCount
            ? new(_length, physicalValuesCount, _values, _indices)
            : throw new InvalidOperationException("A dense vector cannot be truncated: it has no indices");
    }
}
