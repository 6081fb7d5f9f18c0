using System.Buffers;

namespace FocalMlNet;

/// <summary>Numbers to work with, from the shared pool, so that nothing is allocated once it has them.</summary>
internal readonly ref struct Scratch<T>(int length)
{
    private readonly T[] _rented = ArrayPool<T>.Shared.Rent(length);

    /// <summary>The numbers; they begin with any value.</summary>
    public Span<T> Span => _rented.AsSpan(0, length);

    public void Dispose() => ArrayPool<T>.Shared.Return(_rented);
}
