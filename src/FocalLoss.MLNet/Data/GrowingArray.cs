namespace FocalMlNet.Data;

/// <summary>An array that grows at its end and can hand out its tail to be filled in place, which <see cref="List{T}"/> cannot.</summary>
internal sealed class GrowingArray<T>
{
    private T[] _items = [];

    public int Count { get; private set; }

    public void Append(T item) => Grow(1)[0] = item;

    /// <summary>Makes the array <paramref name="count"/> items longer and returns them; their contents are arbitrary.</summary>
    public Span<T> Grow(int count)
    {
        var needed = Count + (long)count;
        if (needed > Array.MaxLength)
            throw new InvalidOperationException($"The training data has over {Array.MaxLength:N0} feature values; that is more than fits in memory as one matrix.");
        if (needed > _items.Length)
            Array.Resize(ref _items, (int)Math.Min(Array.MaxLength, Math.Max(needed, Math.Max(256, _items.Length * 2L))));
        var tail = _items.AsSpan(Count, count);
        Count = (int)needed;
        return tail;
    }

    /// <summary>The items as an array, which is the one they are kept in if it is full: nothing may be appended after.</summary>
    public T[] ToArray()
    {
        if (Count != _items.Length)
            Array.Resize(ref _items, Count);
        return _items;
    }
}
