using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace FocalMlNet.Bench;

/// <summary>A row with its codes as texts, one property each: what a user would load from the file.</summary>
internal sealed class EvidenceRow
{
    public bool Label { get; init; }

    public float[] Numbers { get; init; } = [];

    public string Code0 { get; init; } = "";

    public string Code1 { get; init; } = "";

    public string Code2 { get; init; } = "";

    public string Code3 { get; init; } = "";

    public string Code4 { get; init; } = "";

    public string Code5 { get; init; } = "";

    public string Code6 { get; init; } = "";

    public string Code7 { get; init; } = "";
}

/// <summary>One of the tasks of the evidence.</summary>
/// <param name="Data">Its data.</param>
internal sealed record EvidenceData(MixedData Data)
{
    private const int KernelRank = 200;

    /// <summary>In units of the mean squared distance of two rows, to which the map scales its kernel.</summary>
    private const float KernelGamma = .5f;

    /// <summary>All tasks, from the quickest to the longest.</summary>
    public static EvidenceData[] All { get; } =
    [
        new(new MixedData("wine ≤ 4", "winequality-white.csv.gz", label => Number(label) <= 4)) { FileName = "wine-low" },
        new(new MixedData("wine ≥ 8", "winequality-white.csv.gz", label => Number(label) >= 8)) { FileName = "wine-high" },
        new(new MixedData("page-blocks, not text", "page-blocks.csv.gz", label => label is not "1")) { FileName = "page-blocks" },
        new(new MixedData("ai4i2020", "ai4i2020.csv.gz", label => label is "1") { Nominal = ["Type"], Ignored = ["UDI", "Product ID"] })
        {
            FileName = "ai4i2020",
        },
        new(new MixedData("satimage, 4", "satimage.csv.gz", label => label is "4")) { FileName = "satimage" },
        new(new MixedData("online-shoppers", "online-shoppers.csv.gz", label => label is "1")
        {
            Nominal = ["Month", "OperatingSystems", "Browser", "Region", "TrafficType", "VisitorType"],
        }) { FileName = "online-shoppers" },
        new(new MixedData("coil2000", "coil2000.csv.gz", label => label is "1") { Nominal = ["STYPE", "MOSHOOFD"] })
        {
            FileName = "coil2000",
        },
        new(new MixedData("shuttle, Fpv.Open", "shuttle.csv", label => label is "Fpv.Open"))
        {
            FileName = "shuttle-fpv-open",
            SampleSize = 20_000,
        },
        new(new MixedData("shuttle, High", "shuttle.csv", label => label is "High")) { FileName = "shuttle-high", SampleSize = 10_000 },
        new(new MixedData("adult", "adult.csv.gz", label => label is ">50K")
        {
            Nominal = ["workclass", "education", "marital", "occupation", "relationship", "race", "sex", "country"],
        }) { FileName = "adult", SampleSize = 10_000 },
    ];

    /// <summary>Name of the file of its results, without extension.</summary>
    public required string FileName { get; init; }

    /// <summary>Rows that are drawn, with each class's share of them, where all would take too long; null for all.</summary>
    public int? SampleSize { get; init; }

    /// <summary>Its rows, or those that are drawn.</summary>
    public EvidenceRow[] Rows()
    {
        var rows = Data.Read();
        if (SampleSize is { } size)
        {
            var part = MixedData.Deal([.. rows.Select(Label)], rows.Length, seed: 0);
            // Dealt to as many parts as there are rows, each row has a place; those of a class follow each other.
            var step = (double)rows.Length / size;
            rows = [.. rows.Where((_, i) => Math.Floor((part[i] + 1) / step) > Math.Floor(part[i] / step))];
        }

        return [.. rows.Select(row => Row(row.Codes, row.Numbers, Data.IsPositive(row.Class)))];
    }

    /// <summary>Rows as a view.</summary>
    public static IDataView View(MLContext mlContext, EvidenceRow[] rows)
    {
        var definition = SchemaDefinition.Create(typeof(EvidenceRow));
        definition[nameof(EvidenceRow.Numbers)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, rows[0].Numbers.Length);
        return mlContext.Data.LoadFromEnumerable(rows, definition);
    }

    /// <summary>Numbers standardised and codes one-hot, and mapped to random Fourier features if asked for: all of it is fitted.</summary>
    public IEstimator<ITransformer> Features(MLContext mlContext, bool kernel = false)
    {
        const string Numbers = nameof(EvidenceRow.Numbers);
        string[] codes = [.. Data.Nominal.Select((_, j) => $"Code{j}")];
        IEstimator<ITransformer> pipeline = mlContext.Transforms.NormalizeMeanVariance(Numbers, fixZero: false);
        if (codes.Length > 0)
        {
            pipeline = pipeline.Append(
                mlContext.Transforms.Categorical.OneHotEncoding([.. codes.Select(code => new InputOutputColumnPair(code))]));
        }

        pipeline = pipeline.Append(mlContext.Transforms.Concatenate("Features", [Numbers, .. codes]));
        return kernel
            ? pipeline.Append(mlContext.Transforms.ApproximatedKernelMap(
                "Features", "Features", KernelRank, generator: new GaussianKernel(KernelGamma), seed: 1))
            : pipeline;
    }

    private static EvidenceRow Row(string[] codes, float[] numbers, bool label)
    {
        string Code(int j) => j < codes.Length ? codes[j] : "";
        return new EvidenceRow
        {
            Label = label,
            Numbers = numbers,
            Code0 = Code(0),
            Code1 = Code(1),
            Code2 = Code(2),
            Code3 = Code(3),
            Code4 = Code(4),
            Code5 = Code(5),
            Code6 = Code(6),
            Code7 = Code(7),
        };
    }

    private static double Number(string label) => double.Parse(label, CultureInfo.InvariantCulture);

    private string Label(MixedRow row) => Data.IsPositive(row.Class) ? "1" : "0";
}
