using System.Buffers;

namespace FocalMlNet;

/// <summary>Numbers to work with, from the shared pool, so that nothing is allocated once it has them.</summary>
internal readonly ref struct Scratch(int length)
{
    private readonly double[] _rented = ArrayPool<double>.Shared.Rent(length);

    /// <summary>The numbers; they begin with any value.</summary>
    public Span<double> Span => _rented.AsSpan(0, length);

    public void Dispose() => ArrayPool<double>.Shared.Return(_rented);
}
