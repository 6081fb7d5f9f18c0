using System.Globalization;
using System.Text;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace FocalMlNet.Tool.Tests;

/// <summary>The graph that is saved beside the model.</summary>
public sealed class OnnxTests : Focal
{
    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public void The_graph_gives_the_probabilities_of_the_model_within_1e5_on_every_row(bool quick, bool missing)
    {
        var random = new Random(5);
        var data = Write(Table(random, 600, missing));
        string[] more = quick ? ["--quick"] : [];
        AssertSuccess(Run(["train", data, "--label", "fault", "--out", In("out"), .. more]));
        var test = Write(Table(random, 500, missing: false), "test.csv");
        AssertSuccess(Run("score", In("out/model.zip"), test, "--out", In("scored.csv")));
        var graph = Directory.GetFiles(In("out"), "*.onnx").Single();
        using var session = new InferenceSession(graph);

        string[][] rows = [.. File.ReadAllLines(In("scored.csv")).Skip(1).Select(line => line.Split(','))];

        Assert.Equal(["load [kN]", "speed", "material"], session.InputMetadata.Keys);
        foreach (var row in rows)
        {
            float[] numbers = [.. row[..2].Select(cell => float.Parse(cell, CultureInfo.InvariantCulture))];
            using var said = session.Run(
            [
                NamedOnnxValue.CreateFromTensor("load [kN]", new DenseTensor<float>(new[] { numbers[0] }, [1, 1])),
                NamedOnnxValue.CreateFromTensor("speed", new DenseTensor<float>(new[] { numbers[1] }, [1, 1])),
                NamedOnnxValue.CreateFromTensor("material", new DenseTensor<string>(new[] { row[2] }, [1, 1])),
            ]);
            Assert.Equal(
                float.Parse(row[^2], CultureInfo.InvariantCulture),
                said.Single(v => v.Name.StartsWith("Probability", StringComparison.Ordinal)).AsTensor<float>().Single(), 1e-5f);
        }
    }

    [Fact]
    public void Where_the_kernel_map_cannot_be_exported_the_best_other_model_is_under_a_name_that_says_so()
    {
        // The product of two oblique directions: trees, which cut along the columns, are worse at it than the Gaussian kernel.
        var random = new Random(3);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        var text = new StringBuilder("a,b,c,d,y\n");
        List<(float[] X, bool Y)> rows = [];
        for (var i = 0; i < 1200; i++)
        {
            float[] x = [.. Enumerable.Range(0, 4).Select(_ => (float)Math.Round(Normal(), 4))];
            var isPositive = (x[0] + x[1] + x[2] + x[3]) * (x[0] - x[1] + x[2] - x[3]) / 4 + .15 * Normal() > .9;
            rows.Add((x, isPositive));
            text.Append(CultureInfo.InvariantCulture, $"{x[0]},{x[1]},{x[2]},{x[3]},{(isPositive ? 1 : 0)}\n");
        }

        var result = Run("train", Write(text.ToString()), "--label", "y", "--out", In("out"));

        AssertSuccess(result);
        AssertPrints(result, "Model: kernel features");
        AssertPrints(result, "ML.NET's ONNX converter has no kernel map: ");
        Assert.Equal(
            ["model-trees.onnx", "model.zip", "report.html"],
            Directory.GetFiles(In("out")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        using var session = new InferenceSession(In("out/model-trees.onnx"));
        double[] said = [.. rows.Select(row =>
        {
            using var values = session.Run([.. "abcd".Select((name, j)
                => NamedOnnxValue.CreateFromTensor($"{name}", new DenseTensor<float>(new[] { row.X[j] }, [1, 1])))]);
            return (double)values.Single(v => v.Name.StartsWith("Probability", StringComparison.Ordinal)).AsTensor<float>().Single();
        })];
        // It is a model of these rows: positives get more than negatives.
        double Mean(bool ofPositives) => said.Where((_, i) => rows[i].Y == ofPositives).Average();
        Assert.True(Mean(true) > .5 && Mean(false) < .1, $"{Mean(true)} {Mean(false)}");
    }

    /// <summary>Faults where the load is high, more so at low speed, and with one of three materials.</summary>
    private static string Table(Random random, int rows, bool missing)
    {
        var text = new StringBuilder("load [kN],speed,material,fault\n");
        for (var i = 0; i < rows; i++)
        {
            var (load, speed, material) = (random.NextDouble(), random.NextDouble() * 1000, "stu"[random.Next(3)]);
            var fault = load - speed / 2000 + (material == 'u' ? .2 : 0) + .3 * random.NextDouble() > .85;
            var shown = missing && random.Next(8) == 0 ? "" : load.ToString("F4", CultureInfo.InvariantCulture);
            text.Append(CultureInfo.InvariantCulture, $"{shown},{speed:F1},{material},{(fault ? 1 : 0)}\n");
        }

        return text.ToString();
    }
}
