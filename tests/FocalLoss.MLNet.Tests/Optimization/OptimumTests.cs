using System.Globalization;
using System.Text.Json;
using FocalMlNet.Data;
using Microsoft.ML;

namespace FocalMlNet.Tests.Optimization;

/// <summary>
/// Against Reference/optima.json: minima of the regularised mean focal loss on the two data sets, computed in double precision by an
/// independent program.
/// </summary>
public sealed class OptimumTests
{
    internal static readonly JsonElement[] Optima = [.. JsonDocument
        .Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Reference", "optima.json"))).RootElement.GetProperty("binary")
            .EnumerateArray()];

    internal static readonly Dictionary<string, Row[]> Data = new(StringComparer.Ordinal)
    {
        ["shuttle"] = Standardised(Rows.Shuttle()),
        ["coil2000"] = Standardised(Coil2000()),
    };

    public static TheoryData<int> Indices => [.. Enumerable.Range(0, 16)];

    [Theory]
    [MemberData(nameof(Indices))]
    public void Default_options_come_within_a_thousandth_of_the_optimum(int index)
        => AssertGap(index, 1e-3,
        options => new()
        {
            Calibration = CalibrationMethod.None,
            Gamma = options.Gamma,
            Alpha = options.Alpha,
            L2Regularization = options.L2Regularization
        });

    [Theory]
    [MemberData(nameof(Indices))]
    public void With_a_small_tolerance_the_gap_is_a_millionth(int index)
        => AssertGap(index, 1e-6, ToASmallTolerance);

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(15)]
    public void Plain_stochastic_descent_with_a_given_rate_comes_within_two_per_cent(int index)
        => AssertGap(index, .02,
            options => new()
            {
                Calibration = CalibrationMethod.None,
                Gamma = options.Gamma,
                Alpha = options.Alpha,
                L2Regularization = options.L2Regularization,
                NumberOfIterations = 20,
                LearningRate = 2
            });

    internal static FocalSgdBinaryTrainer.Options ToASmallTolerance(FocalSgdBinaryTrainer.Options options)
        => new()
        {
            Calibration = CalibrationMethod.None,
            Gamma = options.Gamma,
            Alpha = options.Alpha,
            L2Regularization = options.L2Regularization,
            NumberOfIterations = 500,
            ConvergenceTolerance = 1e-9
        };

    /// <summary>
    /// Asserts how far above the reference's minimum a fit ends; with columns that are always 0 after those of the data if there are to be
    /// so many.
    /// </summary>
    internal static void AssertGap(
        int index, double bar, Func<FocalSgdBinaryTrainer.Options, FocalSgdBinaryTrainer.Options> change, int? columns = null)
    {
        var optimum = Optima[index];
        double? alpha = optimum.GetProperty("alpha").ValueKind == JsonValueKind.Null ? null : optimum.GetProperty("alpha").GetDouble();
        var (gamma, l2) = (optimum.GetProperty("gamma").GetDouble(), optimum.GetProperty("l2").GetDouble());
        var rows = Data[optimum.GetProperty("data").GetString()!.Split(':')[0]];
        var mlContext = new MLContext();
        var model = mlContext.BinaryClassification.Trainers
            .FocalSgd(change(new() { Gamma = gamma, Alpha = alpha, L2Regularization = l2 }))
            .Fit(columns is { } count ? Rows.SparseView(mlContext, rows, count) : Rows.View(mlContext, rows)).Model.SubModel;

        var features = rows[0].Features.Length;
        Assert.Equal(columns ?? features, model.Weights.Count);
        Assert.All(model.Weights.Skip(features), w => Assert.Equal(0, w));
        var reached = Objective(rows, [.. model.Weights.Take(features)], model.Bias, new FocalLoss(gamma, alpha), l2);
        var least = optimum.GetProperty("objective").GetDouble();
        // The reference itself must be reproduced by this test's arithmetic, or the gap means nothing.
        float[] weights = [.. optimum.GetProperty("weights").EnumerateArray().Select(w => w.GetSingle())];
        Assert.Equal(least, Objective(rows, weights, optimum.GetProperty("bias").GetSingle(), new FocalLoss(gamma, alpha), l2),
            1e-6 * least);
        Assert.InRange((reached - least) / least, -1e-6, bar);
    }

    internal static double Objective(Row[] rows, float[] weights, float bias, FocalLoss loss, double l2)
        => rows.Average(row => loss.Loss(bias + row.Features.Zip(weights, (x, w) => x * w).Sum(), row.Label ? 1 : 0))
            + l2 / 2 * weights.Sum(w => (double)w * w);

    /// <summary>The features with mean 0 and population standard deviation 1 over all rows.</summary>
    private static Row[] Standardised(Row[] rows)
    {
        for (var j = 0; j < rows[0].Features.Length; j++)
        {
            var mean = rows.Average(row => (double)row.Features[j]);
            var deviation = Math.Sqrt(rows.Average(row => (row.Features[j] - mean) * (row.Features[j] - mean)));
            foreach (var row in rows)
                row.Features[j] = (float)((row.Features[j] - mean) / deviation);
        }

        return rows;
    }

    private static Row[] Coil2000()
        => [.. DataFile.Lines(Path.Combine(AppContext.BaseDirectory, "data", "coil2000.csv.gz")).Skip(1)
            .Select(line => line.Split(',').Select(cell => float.Parse(cell, CultureInfo.InvariantCulture)).ToArray())
            .Select(cells => new Row { Label = cells[^1] == 1, Features = cells[..^1] })];
}
