
using System.Globalization;
using FocalMlNet.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Bench;

/// <summary>A row with numbers and codes.</summary>
internal sealed class MixedRow
{
    /// <summary>The value of the class column.</summary>
    public required string Class { get; init; }

    public required float[] Numbers { get; init; }

    /// <summary>The texts of the nominal columns.</summary>
    public required string[] Codes { get; init; }
}

/// <summary>What the trainers get of a row: both forms of its label, and the features in two parts.</summary>
internal sealed class MixedExample
{
    public bool Label { get; set; }

    /// <summary>The class from 0, which a view makes a key from 1.</summary>
    public uint Class { get; set; }

    public float[] Numbers { get; set; } = [];

    /// <summary>For each code of each nominal column of the training rows, 1 or 0.</summary>
    public float[] Indicators { get; set; } = [];
}

/// <summary>A file below data/, comma-separated with a header line, perhaps compressed; the class is in the last column.</summary>
/// <param name="Name">What the tables call it.</param>
/// <param name="File">Its name.</param>
/// <param name="IsPositive">Whether a class is the positive one.</param>
internal sealed record MixedData(string Name, string File, Predicate<string> IsPositive)
{
    private const int KernelRank = 200;
    private const float KernelGamma = .5f;

    /// <summary>Columns whose values are names, also where they are written as numbers.</summary>
    public string[] Nominal { get; init; } = [];

    /// <summary>Columns that tell nothing, such as identifiers.</summary>
    public string[] Ignored { get; init; } = [];

    /// <summary>Whether the name begins so, in small letters or capitals.</summary>
    public bool BeginsWith(string start) => Name.StartsWith(start, StringComparison.OrdinalIgnoreCase);

    /// <summary>All rows, in the order of the file.</summary>
    public MixedRow[] Read()
    {
        using var lines = DataFile.Lines(Path.Combine(Results.RepositoryFolder(), "data", File)).GetEnumerator();
        lines.MoveNext();
        var head = lines.Current.Split(',');
        int[] nominal = [.. Nominal.Select(column => Array.IndexOf(head, column))];
        int[] numbers = [.. Enumerable.Range(0, head.Length - 1).Where(j => !Nominal.Contains(head[j]) && !Ignored.Contains(head[j]))];
        List<MixedRow> rows = [];
        while (lines.MoveNext())
        {
            var cells = lines.Current.Split(',');
            rows.Add(new MixedRow
            {
                Class = cells[^1],
                Numbers = [.. numbers.Select(j => float.Parse(cells[j], CultureInfo.InvariantCulture))],
                Codes = [.. nominal.Select(j => cells[j])],
            });
        }

        return [.. rows];
    }

    /// <summary>Features of all rows; codes that are missing from the training rows of a fold have none there.</summary>
    public int FeatureCount(MixedRow[] rows, bool kernel) => kernel
        ? KernelRank
        : rows[0].Numbers.Length + Nominal.Select((_, column) => Codes(rows, column).Length).Sum();

    /// <summary>The part, of <paramref name="folds"/>, of each row: the rows of each label, shuffled, are dealt out in turns.</summary>
    public static int[] Deal(IReadOnlyList<string> labels, int folds, int seed)
    {
        var random = new Random(seed);
        var fold = new int[labels.Count];
        var next = 0;
        foreach (var ofLabel in Enumerable.Range(0, fold.Length).GroupBy(i => labels[i], StringComparer.Ordinal))
        {
            int[] rows = [.. ofLabel];
            random.Shuffle(rows);
            foreach (var i in rows)
                fold[i] = next++ % folds;
        }

        return fold;
    }

    /// <summary>
    /// Numbers standardised and codes one-hot, both by the training rows, and mapped to random Fourier features if asked for.
    /// </summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="train">The training rows.</param>
    /// <param name="test">The other rows.</param>
    /// <param name="classes">All classes, in the order of their keys.</param>
    /// <param name="kernel">Whether the stock kernel map comes last.</param>
    /// <returns>Views with the columns Label, Class and Features.</returns>
    public (IDataView Train, IDataView Test) Views(
        MLContext mlContext, MixedRow[] train, MixedRow[] test, string[] classes, bool kernel)
    {
        string[][] codes = [.. Nominal.Select((_, column) => Codes(train, column))];
        IDataView View(MixedRow[] rows)
        {
            var definition = SchemaDefinition.Create(typeof(MixedExample));
            definition["Class"].ColumnType = new KeyDataViewType(typeof(uint), classes.Length);
            definition["Numbers"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, rows[0].Numbers.Length);
            var indicators = Math.Max(1, codes.Sum(of => of.Length));
            definition["Indicators"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, indicators);
            return mlContext.Data.LoadFromEnumerable(rows.Select(row => Example(row, classes, codes)).ToArray(), definition);
        }

        IEstimator<ITransformer> pipeline = mlContext.Transforms.NormalizeMeanVariance("Numbers", fixZero: false)
            .Append(mlContext.Transforms.Concatenate("Features", Nominal.Length > 0 ? ["Numbers", "Indicators"] : ["Numbers"]));
        if (kernel)
        {
            var gaussian = new Microsoft.ML.Transforms.GaussianKernel(KernelGamma);
            pipeline = pipeline.Append(mlContext.Transforms.ApproximatedKernelMap("Features", "Features", KernelRank, generator: gaussian));
        }

        var view = View(train);
        var fitted = pipeline.Fit(view);
        IDataView Cached(IDataView of) => mlContext.Data.Cache(fitted.Transform(of), "Label", "Class", "Features");
        return (Cached(view), Cached(View(test)));
    }

    private static string[] Codes(MixedRow[] rows, int column)
        => [.. rows.Select(row => row.Codes[column]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private MixedExample Example(MixedRow row, string[] classes, string[][] codes)
    {
        // A code that no training row has is none of those that are known. A vector must not be empty.
        float IsCode(string code, int column) => string.Equals(code, row.Codes[column], StringComparison.Ordinal) ? 1 : 0;
        float[] indicators = [.. codes.SelectMany((of, column) => of.Select(code => IsCode(code, column)))];
        return new MixedExample
        {
            Label = IsPositive(row.Class),
            Class = (uint)Array.IndexOf(classes, row.Class),
            Numbers = [.. row.Numbers],
            Indicators = indicators.Length > 0 ? indicators : [0],
        };
    }
}
