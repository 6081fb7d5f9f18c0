using System.Globalization;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tool.Tests;

/// <summary>focal score and focal evaluate.</summary>
public sealed class ScoreTests : Focal
{
    private string Model => In("model.zip");

    [Fact]
    public void Rows_order_and_columns_stay_as_they_are_with_their_quotes()
    {
        Train();
        string[] rows = ["x1 ;\"kind\"; note;x2", "1.5;a;\"one; \"\"two\"\"\nthree\";.5", "0.1;\"b\";;0.5", ".2; zzz ;x;-1"];
        var file = Write("\uFEFF" + string.Join("\r\n", rows), "new.csv");

        var result = Run("score", Model, file, "--out", In("scored.csv"));

        AssertSuccess(result);
        AssertPrints(result, "3 of 3 rows scored.");
        var scored = File.ReadAllText(In("scored.csv"));
        var at = 0;
        foreach (var row in rows)
        {
            var found = scored.IndexOf(row + ";", at, StringComparison.Ordinal);
            Assert.True(found >= 0, $"{row} in {scored}");
            at = found + row.Length;
        }

        Assert.StartsWith(rows[0] + ";Probability;PredictedLabel\n", scored, StringComparison.Ordinal);
        Assert.EndsWith(";False\n", scored, StringComparison.Ordinal);
    }

    [Fact]
    public void Says_what_ML_NET_says()
    {
        var data = Train();
        AssertSuccess(Run("score", Model, data, "--out", In("scored.csv")));
        var mlContext = new MLContext();
        var model = mlContext.Model.Load(Model, out _);
        var rows = File.ReadAllLines(data).Skip(1).Select(line => line.Split(',')).Select(c => new Raw
        {
            x1 = float.Parse(c[0], CultureInfo.InvariantCulture),
            x2 = float.Parse(c[1], CultureInfo.InvariantCulture),
            kind = c[2],
        });
        var expected = model.Transform(mlContext.Data.LoadFromEnumerable(rows));

        string[][] scored = [.. File.ReadAllLines(In("scored.csv")).Skip(1).Select(line => line.Split(','))];

        Assert.Equal(
            expected.GetColumn<float>("Probability"), scored.Select(row => float.Parse(row[4], CultureInfo.InvariantCulture)));
        Assert.Equal(expected.GetColumn<bool>("PredictedLabel"), scored.Select(row => bool.Parse(row[5])));
    }

    [Fact]
    public void A_row_that_cannot_be_scored_keeps_its_place_with_empty_cells_and_is_counted()
    {
        Train();
        var file = Write("x1,x2,kind\n1,.5,a\n1,3o,a\n,.5,\n1e39,.5,a\n.1,.5,b\n", "new.csv");

        var result = Run("score", Model, file, "--out", In("scored.csv"));

        AssertSuccess(result);
        AssertPrints(result, "3 of 5 rows scored.");
        AssertPrints(result, "line 3, column 'x2': '3o' is not a number");
        var lines = File.ReadAllLines(In("scored.csv"));
        Assert.Equal(6, lines.Length);
        Assert.Equal("1,3o,a,,", lines[2]);
        Assert.Equal("1e39,.5,a,,", lines[4]);
        Assert.All([1, 3, 5], i => Assert.InRange(float.Parse(lines[i].Split(',')[3], CultureInfo.InvariantCulture), 0, 1));
    }

    [Fact]
    public void The_decimal_comma_of_a_file_is_that_of_its_scores()
    {
        Train();
        var file = Write("x1;x2;kind\n1,25;0,5;a\n0,1;0,5;b\n", "new.csv");
        AssertSuccess(Run("score", Model, file, "--out", In("scored.csv")));
        AssertSuccess(Run("score", Model, Write("x1,x2,kind\n1.25,0.5,a\n0.1,0.5,b\n", "points.csv"), "--out", In("points-scored.csv")));

        Assert.Equal(
            File.ReadAllLines(In("points-scored.csv")).Select(line => line.Split(',')[^2].Replace('.', ',')),
            File.ReadAllLines(In("scored.csv")).Select(line => line.Split(';')[^2]));
    }

    [Theory]
    [InlineData("x1,kind\n1,a\n", "no column 'x2'")]
    [InlineData("x1,x2,kind\n1,red,a\n2,blue,b\n", "'x2'", "'red' is not a number", "trained with numbers")]
    [InlineData("x1,x2,kind,Probability\n1,2,a,.5\n", "'Probability' already")]
    [InlineData("x1,x2,kind\n", "no rows")]
    [InlineData("x1,x2,kind\n1,2\n", "line 2")]
    public void A_file_that_does_not_fit_is_an_error_that_names_the_column(string content, params string[] messages)
    {
        Train();
        var file = Write(content, "new.csv");

        AssertError(() => Run("score", Model, file, "--out", In("scored.csv")), messages);
    }

    [Fact]
    public void A_large_file_takes_no_more_memory_than_a_small_one()
    {
        Train();
        const int Rows = 1_000_000;
        using (var writer = new StreamWriter(In("large.csv"), append: false, Encoding.UTF8))
        {
            writer.Write("x1,x2,kind,what else there is\n");
            for (var i = 0; i < Rows; i++)
            {
                writer.Write(string.Create(
                    CultureInfo.InvariantCulture, $"{i % 997 / 997.0:F3},.5,a,row {i} of a file that is too large\n"));
            }
        }

        // 32 MiB of heap for a file of 49 MB.
        var result = RunProcess(
            new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = "0x2000000" }, "score", Model, In("large.csv"), "--out",
            In("scored.csv"));

        AssertSuccess(result);
        AssertPrints(result, "1,000,000 of 1,000,000 rows scored.");
        Assert.InRange(new FileInfo(In("large.csv")).Length, 48_000_000, long.MaxValue);
        Assert.Equal(Rows + 1, File.ReadLines(In("scored.csv")).Count());
        Assert.StartsWith("0.008,.5,a,row 999999 of a file", File.ReadLines(In("scored.csv")).Last(), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_out_the_table_goes_to_standard_output_and_nothing_else_does()
    {
        var data = Train();

        var result = RunProcess(null, "score", Model, data);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(61, result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal("60 of 60 rows scored.", result.Errors.Trim());
    }

    [Fact]
    public void Models_that_others_have_saved_are_scored_if_they_take_single_columns()
    {
        var mlContext = new MLContext(seed: 1);
        var random = new Random(2);
        var rows = Enumerable.Range(0, 200)
            .Select(i => new Foreign { a = i % 4 == 0 ? 1 : (float)random.NextDouble(), Label = i % 4 == 0 });
        var view = mlContext.Data.LoadFromEnumerable(rows);
        var model = mlContext.Transforms.Concatenate("Features", "a")
            .Append(mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression()).Fit(view);
        mlContext.Model.Save(model, view.Schema, In("foreign.zip")); // its schema has the label, too

        var result = Run("score", In("foreign.zip"), Write("id,a\nx,0.3\n", "new.csv"), "--out", In("scored.csv"));

        AssertSuccess(result);
        Assert.StartsWith("x,0.3,0.", File.ReadAllLines(In("scored.csv"))[1], StringComparison.Ordinal);
    }

    [Fact]
    public void An_evaluation_has_the_figures_of_the_scored_rows()
    {
        var data = Train();
        AssertSuccess(Run("score", Model, data, "--out", In("scored.csv")));
        string[][] rows = [.. File.ReadAllLines(In("scored.csv")).Skip(1).Select(line => line.Split(','))];
        var right = rows.Count(row => row[5] == "True" && row[3] == "yes");
        var precision = (double)right / rows.Count(row => row[5] == "True");

        var result = Run("evaluate", Model, data, "--out", In("page.html"));

        AssertSuccess(result);
        AssertPrints(result, "60 rows, 12 positives: y = yes.");
        AssertPrints(result, string.Create(CultureInfo.InvariantCulture, $"Precision {precision:F4}"));
        AssertPrints(result, string.Create(CultureInfo.InvariantCulture, $"Recall {right / 12.0:F4}"));
        Assert.True(File.Exists(In("page.html")));
    }

    [Fact]
    public void An_evaluation_takes_the_label_of_the_training_or_another()
    {
        Train();
        var renamed = WriteTable(name: "renamed.csv");
        File.WriteAllText(renamed, File.ReadAllText(renamed).Replace(",y\n", ",truth\n", StringComparison.Ordinal));

        AssertError(() => Run("evaluate", Model, renamed, "--out", In("page.html")), "--label", "'y'", "truth");
        AssertError(
            () => Run("evaluate", Model, renamed, "--out", In("page.html"), "--label", "truth", "--positive", "maybe"),
            "--positive", "maybe");
        AssertPrints(
            Run("evaluate", Model, renamed, "--out", In("page.html"), "--label", "truth", "--positive", "no"), "48 positives: truth = no.");
    }

    [Theory]
    [InlineData("binary", "59 rows, 12 positives: y = yes.", "is empty")]
    [InlineData("multiclass", "59 rows.", "has no row with a label")]
    public void An_evaluation_leaves_rows_without_a_label_out_whatever_is_in_them(string task, string facts, string ifAllAre)
    {
        var data = WriteTable();
        AssertSuccess(Run("train", data, "--label", "y", "--task", task, "--quick", "--out", Model));
        var partly = WriteTable(rows => (rows[7][0], rows[7][3]) = ("no number", ""), name: "partly.csv");
        var without = WriteTable(rows => rows.ForEach(row => row[3] = ""), name: "without.csv");

        var result = Run("evaluate", Model, partly, "--out", In("page.html"));

        AssertSuccess(result);
        AssertPrints(result, $"partly.csv: {facts}");
        File.Delete(In("page.html"));
        AssertError(() => Run("evaluate", Model, without, "--out", In("page.html")), ifAllAre);
    }

    private string Train()
    {
        var data = WriteTable();
        AssertSuccess(Run("train", data, "--label", "y", "--quick", "--out", Model));
        return data;
    }

    private sealed class Raw
    {
#pragma warning disable IDE1006 // the names of the columns
        public float x1 { get; set; }

        public float x2 { get; set; }

        public string kind { get; set; } = "";
    }

    private sealed class Foreign
    {
        public float a { get; set; }

        public bool Label { get; set; }
#pragma warning restore IDE1006
    }
}
