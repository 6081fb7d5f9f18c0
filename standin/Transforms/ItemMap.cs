namespace Microsoft.ML.Data;

/// <summary>Getters that apply a function to a scalar or to each item of a vector.</summary>
internal static class ItemMap
{
    /// <summary>With <paramref name="keepSparse"/> the function maps the default to the default.</summary>
    public static Delegate Getter<TFrom, TTo>(DataViewRow row, DataViewSchema.Column column, Func<TFrom, TTo> map, bool keepSparse)
    {
        if (column.Type is not VectorDataViewType)
        {
            var scalar = row.GetGetter<TFrom>(column);
            TFrom value = default;
            return (ValueGetter<TTo>)((ref TTo result) =>
            {
                scalar(ref value);
                result = map(value);
            });
        }
        var getter = row.GetGetter<VBuffer<TFrom>>(column);
        VBuffer<TFrom> source = default;
        return (ValueGetter<VBuffer<TTo>>)((ref VBuffer<TTo> result) =>
        {
            getter(ref source);
            var values = source.GetValues();
            var asItIs = keepSparse || source.IsDense;
            var editor = VBufferEditor.Create(ref result, source.Length, asItIs ? values.Length : source.Length);
            if (asItIs)
                source.GetIndices().CopyTo(editor.Indices);
            else
                editor.Values.Fill(map(default));
            for (var i = 0; i < values.Length; i++)
                editor.Values[asItIs ? i : source.GetIndices()[i]] = map(values[i]);
            result = editor.Commit();
        });
    }
}

/// <summary>Compares text by its characters.</summary>
internal sealed class TextComparer : IEqualityComparer<ReadOnlyMemory<char>>, IComparer<ReadOnlyMemory<char>>
{
    /// <summary>One that compares values of T, also text.</summary>
    public static IEqualityComparer<T> Equality<T>() => new TextComparer() as IEqualityComparer<T> ?? EqualityComparer<T>.Default;
    public static IComparer<T> Order<T>() => new TextComparer() as IComparer<T> ?? Comparer<T>.Default;
    public bool Equals(ReadOnlyMemory<char> x, ReadOnlyMemory<char> y) => x.Span.SequenceEqual(y.Span);
    public int GetHashCode(ReadOnlyMemory<char> obj) => string.GetHashCode(obj.Span);
    public int Compare(ReadOnlyMemory<char> x, ReadOnlyMemory<char> y) => x.Span.SequenceCompareTo(y.Span);
}
