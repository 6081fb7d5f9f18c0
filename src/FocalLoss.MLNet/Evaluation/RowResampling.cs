using System.Numerics;
using System.Runtime.InteropServices;
using FocalMlNet.Splits;

namespace FocalMlNet.Evaluation;

/// <summary>
/// Draws rows with replacement: each row counts as often as a Poisson variable of mean 1 says, which for many rows is what drawing as many
/// as there are gives (Hanley and MacGibbon, "Creating non-parametric bootstrap samples using Poisson frequencies", 2006). How many rows a
/// class has is left to chance, as it was for the data; but no class is lost: one of which no row is drawn is drawn again. A resample has
/// random numbers of its own, so that it does not depend on threads.
/// </summary>
/// <param name="classes">The class of each row.</param>
/// <param name="classCount">The number of classes.</param>
internal sealed class RowResampling(ReadOnlySpan<int> classes, int classCount)
{
    private const int ChunkLength = 1024;

    /// <summary>
    /// Out of 65536, how often a Poisson variable of mean 1 is at least 1, 2, ...: they sum to 65536, so that its mean is 1.
    /// </summary>
    private static readonly ushort[] AtLeast = [41427, 17317, 5263, 1244, 240, 39, 5, 1];

    private readonly RowGroups _groups = new(classes, classCount);

    /// <summary>How often each row counts in a resample.</summary>
    /// <param name="seed">A number for all of them.</param>
    /// <param name="resample">The number of the resample.</param>
    /// <param name="repeats">As long as there are rows.</param>
    public void Draw(int seed, int resample, Span<byte> repeats)
    {
        var random = SplitMix.Of(seed, resample);
        Span<ulong> numbers = stackalloc ulong[ChunkLength / 4];
        var sixteenBits = MemoryMarshal.Cast<ulong, ushort>(numbers);
        for (var rest = repeats; !rest.IsEmpty; rest = rest[Math.Min(ChunkLength, rest.Length)..])
        {
            foreach (ref var number in numbers)
                number = random.Next();
            Count(sixteenBits, rest[..Math.Min(ChunkLength, rest.Length)]);
        }

        for (var k = 0; k < classCount; k++)
        {
            var rows = _groups[k];
            while (!rows.IsEmpty && !AnyIsDrawn(rows, repeats))
            {
                foreach (var row in rows)
                    repeats[row] = Count((ushort)random.Next());
            }
        }
    }

    private static bool AnyIsDrawn(ReadOnlySpan<int> rows, ReadOnlySpan<byte> repeats)
    {
        foreach (var row in rows)
        {
            if (repeats[row] > 0)
                return true;
        }

        return false;
    }

    private static void Count(ReadOnlySpan<ushort> numbers, Span<byte> repeats)
    {
        var i = 0;
        for (; i <= repeats.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            var (low, high) = (Count(new Vector<ushort>(numbers[i..])), Count(new Vector<ushort>(numbers[(i + Vector<ushort>.Count)..])));
            Vector.Narrow(low, high).CopyTo(repeats[i..]);
        }

        for (; i < repeats.Length; i++)
            repeats[i] = Count(numbers[i]);
    }

    private static Vector<ushort> Count(Vector<ushort> numbers)
    {
        var count = Vector<ushort>.Zero;
        // What is true has all bits set: -1.
        foreach (var bound in AtLeast)
            count -= Vector.LessThan(numbers, new Vector<ushort>(bound));
        return count;
    }

    private static byte Count(ushort number)
    {
        byte count = 0;
        while (count < AtLeast.Length && number < AtLeast[count])
            count++;
        return count;
    }
}
