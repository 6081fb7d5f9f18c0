
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace FocalMlNet.Tests;

/// <summary>
/// A fit has the same bits each time only if no function it uses asks where numbers lie in memory. The platform does not promise that, and
/// does not keep to it in all functions: each one that the library uses is tried here, with the arguments it is given there.
/// </summary>
public sealed partial class VectorFunctionsTests
{
    private delegate void Function<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> y, ReadOnlySpan<T> z, Span<T> r);

    private static readonly Dictionary<string, Function<double>[]> Doubles = new(StringComparer.Ordinal)
    {
        ["Add"] = [(x, y, _, r) => TensorPrimitives.Add(x, y, r), (x, _, _, r) => TensorPrimitives.Add(x, .3, r)],
        ["Average"] = [(x, _, _, r) => r.Fill(TensorPrimitives.Average(x))],
        ["ConvertTruncating"] =
            [(x, _, _, r) => TensorPrimitives.ConvertTruncating<double, float>(x, MemoryMarshal.Cast<double, float>(r))],
        ["Divide"] = [(x, y, _, r) => TensorPrimitives.Divide(x, y, r), (x, _, _, r) => TensorPrimitives.Divide(x, 3, r)],
        ["Dot"] = [(x, y, _, r) => r.Fill(TensorPrimitives.Dot(x, y))],
        ["Exp"] = [(x, _, _, r) =>
        {
            // It is for numbers below 0.
            for (var i = 0; i < x.Length; i++)
                r[i] = -Math.Abs(x[i]);
            VectorMath.Exp(r);
        }],
        ["FusedMultiplyAdd"] = [(x, _, z, r) => TensorPrimitives.FusedMultiplyAdd(x, .3, z, r)],
        ["Log"] = [(x, _, _, r) => TensorPrimitives.Log(x, r)],
        ["Max"] = [(x, y, _, r) => TensorPrimitives.Max(x, y, r), (x, _, _, r) => r.Fill(TensorPrimitives.Max(x))],
        ["MaxNumber"] = [(x, _, _, r) => TensorPrimitives.MaxNumber(x, -.3, r)],
        ["Multiply"] = [(x, y, _, r) => TensorPrimitives.Multiply(x, y, r), (x, _, _, r) => TensorPrimitives.Multiply(x, .3, r)],
        ["MultiplyAdd"] =
        [
            (x, y, z, r) => TensorPrimitives.MultiplyAdd(x, y, z, r),
            (x, _, z, r) => TensorPrimitives.MultiplyAdd(x, .3, z, r),
        ],
        ["Norm"] = [(x, _, _, r) => r.Fill(TensorPrimitives.Norm(x))],
        ["Subtract"] = [(x, y, _, r) => TensorPrimitives.Subtract(x, y, r), (x, _, _, r) => TensorPrimitives.Subtract(x, .3, r)],
        ["Sum"] = [(x, _, _, r) => r.Fill(TensorPrimitives.Sum(x))],
        ["SumOfSquares"] = [(x, _, _, r) => r.Fill(TensorPrimitives.SumOfSquares(x))],
    };

    private static readonly Dictionary<string, Function<float>[]> Floats = new(StringComparer.Ordinal)
    {
        ["Add"] = [(x, y, _, r) => TensorPrimitives.Add(x, y, r), (x, _, _, r) => TensorPrimitives.Add(x, .3f, r)],
        ["ConvertTruncating"] =
            [(x, _, _, r) => TensorPrimitives.ConvertTruncating<float, double>(x[..(x.Length / 2)], MemoryMarshal.Cast<float, double>(r))],
        ["Divide"] = [(x, _, _, r) => TensorPrimitives.Divide(x, 3, r)],
        ["IndexOfMaxMagnitude"] = [(x, _, _, r) => r.Fill(TensorPrimitives.IndexOfMaxMagnitude(x))],
        ["IsFiniteAll"] = [(x, _, _, r) => r.Fill(TensorPrimitives.IsFiniteAll(x) ? 1 : 0)],
        ["Max"] = [(x, y, _, r) => TensorPrimitives.Max(x, y, r), (x, _, _, r) => r.Fill(TensorPrimitives.Max(x))],
        ["MaxMagnitude"] = [(x, _, _, r) => r.Fill(TensorPrimitives.MaxMagnitude(x))],
        ["Min"] = [(x, y, _, r) => TensorPrimitives.Min(x, y, r), (x, _, _, r) => TensorPrimitives.Min(x, .3f, r)],
        ["MinNumber"] = [(x, _, _, r) => TensorPrimitives.MinNumber(x, .3f, r)],
        ["Multiply"] = [(x, y, _, r) => TensorPrimitives.Multiply(x, y, r), (x, _, _, r) => TensorPrimitives.Multiply(x, .3f, r)],
        ["MultiplyAdd"] = [(x, y, z, r) => TensorPrimitives.MultiplyAdd(x, y, z, r)],
        ["Subtract"] = [(x, y, _, r) => TensorPrimitives.Subtract(x, y, r), (x, _, _, r) => TensorPrimitives.Subtract(x, .3f, r)],
        ["Sum"] = [(x, _, _, r) => r.Fill(TensorPrimitives.Sum(x))],
    };

    public static TheoryData<string> Names => [.. Doubles.Keys.Union(Floats.Keys).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void It_gives_the_same_bits_wherever_its_numbers_lie(string name)
    {
        var random = new Random(1);
        // Ordinary numbers, numbers of very different size, and one among others that has a way of its own.
        Func<int, double>[] kinds =
        [
            _ => -2 * random.NextDouble(),
            _ => (random.NextDouble() - .5) * Math.Pow(10, 30 * random.NextDouble() - 15),
            .. new[] { -1e5, -709, 0, 1, 1e-310, double.NaN, double.PositiveInfinity, double.NegativeInfinity }
                .Select(special => (Func<int, double>)(i => i % 7 == 5 ? special : -40 * random.NextDouble())),
        ];
        foreach (var kind in kinds)
        {
            // Below a register, of some, and of so many that they are taken in another way.
            foreach (var length in new[] { 1, 3, 8, 17, 31, 66, 129, 200, 520 })
            {
                double[][] numbers = [[.. Enumerable.Range(0, length).Select(kind)], Some(), Some()];
                foreach (var function in Doubles.GetValueOrDefault(name, []))
                    AssertPlaceDoesNotMatter(function, numbers);
                foreach (var function in Floats.GetValueOrDefault(name, []))
                    AssertPlaceDoesNotMatter(function, [.. numbers.Select(some => some.Select(value => (float)value).ToArray())]);

                double[] Some() => [.. Enumerable.Range(0, length).Select(_ => 2 * random.NextDouble() - 1)];
            }
        }
    }

    /// <summary>A new one has to be added above.</summary>
    [Fact]
    public void Every_vector_function_that_the_library_uses_is_tried()
    {
        var used = Directory.EnumerateFiles(Path.Combine(TestPrograms.RepositoryRoot, "src"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Use().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value));
        Assert.Empty(used.Except(Doubles.Keys, StringComparer.Ordinal).Except(Floats.Keys, StringComparer.Ordinal));
    }

    [GeneratedRegex(@"\bTensorPrimitives\.(\w+)")]
    private static partial Regex Use();

    /// <summary>At every distance from the beginning of a cache line, the results at another one than the arguments.</summary>
    private static void AssertPlaceDoesNotMatter<T>(Function<T> function, T[][] numbers)
        where T : struct
    {
        var length = numbers[0].Length;
        var line = 64 / Marshal.SizeOf<T>();
        T[]? first = null;
        for (var place = 0; place < line; place++)
        {
            var rooms = numbers.Select(some => (T[])[.. new T[place], .. some]).ToArray();
            var result = new T[length + line].AsSpan(line - 1 - place, length);
            function(rooms[0].AsSpan(place), rooms[1].AsSpan(place), rooms[2].AsSpan(place), result);
            first ??= result.ToArray();
            Assert.True(MemoryMarshal.AsBytes<T>(first).SequenceEqual(MemoryMarshal.AsBytes(result)), $"{length} numbers, place {place}");
        }
    }
}
