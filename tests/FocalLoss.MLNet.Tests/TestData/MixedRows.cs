
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests;

/// <summary>A row for two classes and for three, whose features may be sparse.</summary>
internal sealed class MixedRow
{
    public bool Label { get; set; }

    public uint Class { get; set; }

    public VBuffer<float> Features { get; set; }

    public float Weight { get; set; } = 1;
}

/// <summary>
/// Rows whose share of values that are not 0 changes on the way, so that some of their blocks are dense and some sparse, with rows of the
/// other kind in them.
/// </summary>
internal static class MixedRows
{
    public const int Classes = 3;

    /// <summary>The density of a row from its place, and from its place among all in [0; 1).</summary>
    private delegate double Density(int i, double at, Random random);

    private static readonly (string Name, Density At)[] Kinds =
    [
        .. new[] { 0, .01, .1, .2, .24, .25, .26, .5, .75, .9, 1 }
            .Select(density => (FormattableString.Invariant($"{100 * density} %"), (Density)((_, _, _) => density))),
        ("a sparse half and a dense one", (_, at, _) => at < .5 ? .15 : .5),
        ("a dense half and a sparse one", (_, at, _) => at < .5 ? .5 : .15),
        ("from 0 to 100 %", (_, at, _) => at),
        ("from 100 to 0 %", (_, at, _) => 1 - at),
        ("dense and sparse by turns", (i, _, _) => i / 512 % 2 == 0 ? .05 : .8),
        ("a quarter of the rows full, the rest empty", (_, _, random) => random.Next(4) == 0 ? 1 : 0),
        ("full rows among sparse ones", (_, at, random) => random.Next(20) == 0 ? 1 : at < .5 ? .1 : .3),
        ("empty rows among dense ones", (_, at, random) => random.Next(3) == 0 ? 0 : at < .5 ? .2 : .6),
    ];

    public static IEnumerable<string> Densities => Kinds.Select(kind => kind.Name);

    /// <summary>Features that are multiples of 1/64 up to 2, and classes that depend on them.</summary>
    public static float[][] Features(string density, int count, int columns, int seed)
    {
        var at = Kinds.Single(kind => kind.Name == density).At;
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var own = at(i, (double)i / count, random);
            float Value() => random.NextDouble() < own ? (random.Next(2) * 2 - 1) * random.Next(1, 129) / 64f : 0;
            return Enumerable.Range(0, columns).Select(_ => Value()).ToArray();
        })];
    }

    /// <summary>Rows with these features, in dense and sparse buffers, some of which store zeros.</summary>
    /// <param name="features">The features.</param>
    /// <param name="seed">Of the classes, the weights and the kinds of buffer.</param>
    /// <param name="shift">Is added to all values: by 3, none is 0, and nothing else has changed but a bias.</param>
    public static MixedRow[] Of(float[][] features, int seed, float shift = 0)
    {
        var (random, ofBuffers) = (new Random(seed), new Random(seed));
        return [.. features.Select((x, i) =>
        {
            var score = x.Select((value, j) => value * Math.Sin(j + 1)).Sum() + Rows.Normal(random);
            var row = new MixedRow { Class = score > 1.5 ? 2u : score > 0 ? 1u : 0, Weight = random.Next(1, 4) };
            (row.Class, row.Label) = i < Classes ? ((uint)i, i > 0) : (row.Class, score > .7);
            row.Features = Buffer([.. x.Select(value => value + shift)], ofBuffers);
            return row;
        })];
    }

    public static VBuffer<float> Buffer(float[] values, Random random)
    {
        if (random.Next(2) == 0)
            return new VBuffer<float>(values.Length, values);
        var storesZeros = random.Next(4) == 0;
        int[] at = [.. Enumerable.Range(0, values.Length).Where(j => values[j] != 0 || (storesZeros && random.Next(3) == 0))];
        return new VBuffer<float>(values.Length, at.Length, [.. at.Select(j => values[j])], at);
    }

    public static IDataView View(MLContext mlContext, MixedRow[] rows)
    {
        var definition = SchemaDefinition.Create(typeof(MixedRow));
        definition[nameof(MixedRow.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, rows[0].Features.Length);
        definition[nameof(MixedRow.Class)].ColumnType = new KeyDataViewType(typeof(uint), Classes);
        return mlContext.Data.LoadFromEnumerable(rows, definition);
    }
}
