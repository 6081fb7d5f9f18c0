using System.Globalization;
using System.Runtime.Intrinsics;
using FocalMlNet.Optimization;

namespace FocalMlNet.Tests.Optimization;

/// <summary>Against a sum over rows, columns and columns, one product after the other.</summary>
public sealed class OuterSumsTests
{
    /// <summary>Where a process that is started for its vectors leaves the bits.</summary>
    private const string BitsTo = "FOCAL_TEST_BITS_TO";

    /// <summary>Coordinates around one, two, a few and many panels of eight.</summary>
    private static readonly int[] Sizes = [2, 8, 9, 16, 17, 33, 100];

    /// <summary>Rows of one call after the other: none, one, and around what is multiplied at a time.</summary>
    private static readonly int[] Counts = [0, 1, 63, 64, 65, 200, 1];

    public static TheoryData<int, int, bool> Shapes => [.. Sizes.SelectMany(
        (size, at) => new[]
        {
            (size, 1, at % 2 == 0), (size, 1 + at % 6, at % 2 == 1), (size, 6, false), (size, 9, true), (size, 28, false),
        }).Distinct()];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void The_triangles_are_those_of_plain_loops(int size, int factorCount, bool isSparse)
    {
        var scaling = Coordinates(size);
        var (outer, expected) = (new OuterSums(factorCount, scaling), new double[factorCount * OuterSums.Triangle(size)]);
        var random = new Random(size);
        for (var call = 0; call < Counts.Length; call++)
        {
            Add(Counts[call], random, factorCount, scaling, isSparse, outer, expected);
            // In the middle too: what is there by then does not begin anew.
            if (call % 2 == 0)
                AssertSame(expected, outer);
        }

        // What waits to be multiplied is gone as well.
        Add(10, random, factorCount, scaling, isSparse, outer, new double[expected.Length]);
        outer.Clear();
        Array.Clear(expected);
        AssertSame(expected, outer);
        Add(70, random, factorCount, scaling, isSparse, outer, expected);
        AssertSame(expected, outer);
    }

    [Fact]
    public void Sums_are_added_to_what_is_there()
    {
        var scaling = Coordinates(9);
        var (outer, expected) = (new OuterSums(2, scaling), new double[2 * OuterSums.Triangle(9)]);
        Add(65, new Random(1), 2, scaling, isSparse: false, outer, expected);
        var triangles = Enumerable.Range(0, expected.Length).Select(at => (double)at).ToArray();
        outer.AddTo(triangles);
        outer.AddTo(triangles);
        for (var at = 0; at < expected.Length; at++)
            Assert.Equal(at + 2 * expected[at], triangles[at], 1e-10);
    }

    /// <summary>
    /// The same sums in processes that may not use vectors of 512 bits, or of 256: another product of another part of a row each time, but
    /// row after row.
    /// </summary>
    [Fact]
    public void The_bits_do_not_depend_on_the_width_of_vectors()
    {
        if (Environment.GetEnvironmentVariable(BitsTo) is { } asked)
        {
            File.WriteAllLines(asked, [Widest(), .. Bits()]);
            return;
        }

        var own = Bits();
        var folder = Directory.CreateTempSubdirectory("bits").FullName;
        try
        {
            string[][] switches = [["DOTNET_EnableAVX512", "DOTNET_EnableAVX512F"], ["DOTNET_EnableAVX512", "DOTNET_EnableAVX2"]];
            var paths = switches.Select((_, i) => Path.Combine(folder, $"{i}")).ToArray();
            var processes = switches.Select((off, i) => TestPrograms.StartTest(
                $"{typeof(OuterSumsTests).FullName}.{nameof(The_bits_do_not_depend_on_the_width_of_vectors)}",
                [.. off.Select(name => (name, "0")), (BitsTo, paths[i])])).ToArray();
            foreach (var (process, path) in processes.Zip(paths))
            {
                using (process)
                {
                    var output = process.StandardOutput.ReadToEnd();
                    process.WaitForExit();
                    Assert.True(process.ExitCode == 0, output);
                }

                var lines = File.ReadAllLines(path);
                // Elsewhere than on x64 these switches change nothing, and there is nothing to be seen.
                Assert.True(Widest() != "512" || lines[0] != "512", lines[0]);
                Assert.Equal(own, lines[1..]);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Widest()
        => Vector512.IsHardwareAccelerated ? "512" : Vector256.IsHardwareAccelerated ? "256" : "128";

    /// <summary>All sums of some sizes, as hexadecimal numbers.</summary>
    private static string[] Bits() => [.. new[] { (2, 1), (9, 3), (33, 2), (10, 28) }.Select(shape =>
    {
        var (size, factorCount) = shape;
        var (scaling, random) = (Coordinates(size), new Random(5));
        var (outer, triangles) = (new OuterSums(factorCount, scaling), new double[factorCount * OuterSums.Triangle(size)]);
        foreach (var count in Counts)
            Add(count, random, factorCount, scaling, isSparse: false, outer, new double[triangles.Length]);
        outer.AddTo(triangles);
        return string.Join(' ', triangles.Select(sum => BitConverter.DoubleToInt64Bits(sum).ToString("x", CultureInfo.InvariantCulture)));
    })];

    /// <summary>Coordinates far from 0 and in several units; every fifth column does not count.</summary>
    private static Scaling Coordinates(int size)
        => new(
            [.. Enumerable.Range(0, size - 1).Select(j => j % 7 - 2.5)],
            [.. Enumerable.Range(0, size - 1).Select(j => j % 5 == 4 ? 0 : Math.Pow(1.1, j % 20 - 10))], outputCount: 1);

    /// <summary>Adds some rows of a new block, in any order and some of them twice.</summary>
    private static void Add(
        int count, Random random, int factorCount, Scaling scaling, bool isSparse, OuterSums outer, double[] expected)
    {
        const int RowCount = 220;
        var block = RandomBlocks.Of(scaling.ColumnCount, isSparse, random.Next(), RowCount)[0];
        int[] rows = [.. Enumerable.Range(0, count).Select(_ => random.Next(RowCount))];
        float[] factors = [.. Enumerable.Range(0, factorCount * RowCount).Select(_ => (float)Rows.Normal(random))];
        double[] scales = [.. rows.Select(_ => 1 + 9 * random.NextDouble())];
        outer.Add(block, rows, factors, scales);
        var products = OuterSums.Triangle(scaling.Stride);
        for (var i = 0; i < count; i++)
        {
            double[] z = [.. RandomBlocks.Row(block, rows[i]).Select((x, j) => (x - scaling.Mean[j]) * scaling.Scale[j]), 1];
            for (var f = 0; f < factorCount; f++)
            {
                var factor = scales[i] * factors[f * RowCount + rows[i]];
                var place = f * products;
                for (var j = 0; j < z.Length; j++)
                {
                    for (var l = 0; l <= j; l++)
                        expected[place++] += factor * z[j] * z[l];
                }
            }
        }
    }

    private static void AssertSame(double[] expected, OuterSums outer)
    {
        var triangles = new double[expected.Length];
        outer.AddTo(triangles);
        var tolerance = 1e-12 * expected.Max(Math.Abs);
        for (var at = 0; at < expected.Length; at++)
            Assert.True(Math.Abs(triangles[at] - expected[at]) <= tolerance, $"{at}: {triangles[at]}, but {expected[at]}");
    }
}
