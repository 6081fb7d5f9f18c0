using System.Globalization;
using System.IO.Compression;
using Microsoft.ML;

namespace FocalMlNet.Tool.Tests;

/// <summary>focal train on small files.</summary>
public sealed class TrainTests : Focal
{
    private string[] Made => [In("out/model.onnx"), In("out/model.zip"), In("out/report.html")];

    [Theory]
    [InlineData(',')]
    [InlineData(';')]
    [InlineData('\t')]
    [InlineData('|')]
    public void Finds_the_delimiter_and_the_kind_of_each_column(char delimiter)
    {
        var result = Quick(WriteTable(delimiter: delimiter));

        AssertSuccess(result);
        AssertPrints(result, "60 rows; to predict from 2 columns of numbers, 1 of text.");
        AssertPrints(result, "12 positives, 20.00 %: y = yes");
        Assert.Equal(Made, Directory.GetFiles(In("out")).Order());
    }

    [Fact]
    public void Prints_plain_text_of_at_most_80_columns_with_the_model_the_gain_and_the_files()
    {
        var result = Run("train", WriteTable(rowCount: 200), "--label", "y", "--out", In("out"));

        AssertSuccess(result);
        foreach (var text in new[]
        {
            "│ logistic regression", "│ no model", "Model: ", "Gain: ", "over plain logistic regression", "Files: ",
        })
            AssertPrints(result, text);
        Assert.DoesNotContain(result.Output, c => char.IsControl(c) && c is not ('\n' or '\r'));
        Assert.All(
            result.Output.Split('\n').Where(line => !line.Contains("/focal-tool-", StringComparison.Ordinal)),
            line => Assert.True(line.TrimEnd().Length <= 80, line));
    }

    [Fact]
    public void Without_a_positive_the_rarer_of_two_values_is_taken_and_that_is_said()
    {
        var result = Quick(WriteTable());

        AssertPrints(result, "y = yes, the rarer value (--positive says otherwise)");
        AssertPrints(Quick(WriteTable(), "--positive", "no"), "48 positives, 80.00 %: y = no.");
    }

    [Fact]
    public void Reads_a_byte_order_mark_gzip_and_quoted_cells_with_delimiters_quotes_and_line_breaks()
    {
        var text = File.ReadAllText(WriteTable(rows => rows[3][2] = "\"a, \"\"b\"\";\nc\""));
        using (var zipped = new StreamWriter(
            new GZipStream(File.Create(In("data.csv.gz")), CompressionLevel.Fastest), new System.Text.UTF8Encoding(true)))
            zipped.Write(text);

        var result = Quick(In("data.csv.gz"));

        AssertSuccess(result);
        AssertPrints(result, "60 rows; to predict from 2 columns of numbers, 1 of text.");
    }

    [Fact]
    public void Rows_with_a_missing_number_stay_and_rows_without_a_label_are_left_out()
    {
        var result = Quick(WriteTable(rows =>
        {
            var negatives = rows.Where(row => row[3] == "no").Take(3).ToList();
            negatives[0][0] = "";
            negatives[1][1] = "NA";
            negatives[2][3] = "";
        }));

        AssertSuccess(result);
        AssertPrints(result, "12 positives, 20.34 %"); // 12 of 59
        AssertPrints(result, "Left out: 1 rows without a label");
        AssertPrints(result, "Cells are missing in x1, x2: the mean is put there");
    }

    [Fact]
    public void Takes_codes_as_text_if_told_so_and_ignores_columns()
        => AssertPrints(
            Quick(WriteTable(rows => rows.ForEach(row => row[1] = row[2] == "a" ? "1" : "2")), "--text", "x2", "--ignore", "kind"),
            "1 columns of numbers, 1 of text.");

    [Fact]
    public void A_positive_value_may_look_like_an_option()
        => AssertPrints(
            Quick(WriteTable(rows => rows.ForEach(row => row[3] = row[3] == "yes" ? "1" : "-1")), "--positive", "-1"),
            "48 positives, 80.00 %: y = -1");

    [Fact]
    public void The_same_seed_gives_the_same_figures_and_another_one_does_not()
    {
        string Figures(string seed) => Quick(WriteTable(), "--seed", seed).Output;

        var figures = Figures("7");

        Assert.Equal(figures, Figures("7"));
        Assert.NotEqual(figures, Figures("8"));
    }

    [Fact]
    public void A_decimal_comma_is_read_if_all_of_the_file_agree_on_it()
    {
        var result = Quick(WriteTable(
            rows => rows.ForEach(row => (row[0], row[1]) = (row[0].Replace('.', ',') + "5", row[1].Replace('.', ','))), delimiter: ';'));
        var withPoints = Quick(WriteTable(rows => rows.ForEach(row => row[0] += "5")));

        AssertSuccess(result);
        AssertPrints(result, "Numbers are written with a decimal comma.");
        string Figures(Result r) => r.Output[r.Output.IndexOf('╭')..];
        Assert.Equal(Figures(withPoints), Figures(result));
    }

    [Fact]
    public void Costs_choose_the_threshold_and_are_told()
    {
        var result = Quick(WriteTable(rowCount: 200), "--cost-fn", "10", "--cost-fp", "2");

        AssertSuccess(result);
        AssertPrints(result, "(least cost)");
        AssertPrints(result, "cost per row");
        // Called positive is what costs less so: p · 10 > (1 - p) · 2, that is p > 1/6.
        AssertPrints(result, "Above probability 0.167");
    }

    [Fact]
    public void The_newest_rows_are_held_out_by_time()
    {
        // The newest fifth, 20 of 100 rows in any order, has 7 positives of its own.
        var rows = new List<string[]>();
        var random = new Random(3);
        for (var i = 0; i < 100; i++)
        {
            var positive = i >= 80 ? i % 3 == 0 : i % 5 == 0;
            var x = random.NextDouble().ToString("F4", CultureInfo.InvariantCulture);
            rows.Add([x, $"2026-01-01T{i / 60:00}:{i % 60:00}", positive ? "1" : "0"]);
        }

        var text = string.Join('\n', rows.OrderBy(_ => random.Next()).Prepend(["x", "when", "y"]).Select(r => string.Join(',', r)));

        AssertPrints(Quick(Write(text), "--time", "when"), "on 20 held-out rows, 7 of them positive");
    }

    [Fact]
    public void Groups_are_held_out_as_a_whole()
    {
        // Six groups of ten rows with two positives each, and one of forty with thirteen: the fifth that is nearest to the share of a
        // quarter is two of the small ones, with four positives, where single rows would be five. The group is no feature.
        var random = new Random(3);
        var rows = Enumerable.Range(0, 100).Select(i =>
        {
            var (group, place) = i < 60 ? (i / 10, i % 10) : (6, i - 60);
            var positive = place < (group == 6 ? 13 : 2);
            return string.Create(CultureInfo.InvariantCulture, $"{random.NextDouble():F4},g{group},{(positive ? 1 : 0)}");
        });

        var result = Quick(Write("x,who,y\n" + string.Join('\n', rows)), "--group", "who");

        AssertPrints(result, "on 20 held-out rows, 4 of them positive");
        AssertPrints(result, "1 columns of numbers, 0 of text");
    }

    [Theory]
    [InlineData("who", "2 columns of numbers, 0 of text")]
    [InlineData("kind", "1 columns of numbers, 2 of text")]
    public void The_column_of_groups_may_be_a_feature_too_as_numbers_or_as_text(string group, string columns)
    {
        // Twelve groups; the kinds are their names as text.
        var file = WriteTable(rows =>
        {
            for (var i = 0; i < rows.Count; i++)
                (rows[i][1], rows[i][2]) = ($"{i * 7 % 12}", $"g{i * 7 % 12}");
        });
        File.WriteAllText(file, File.ReadAllText(file).Replace("x2", "who", StringComparison.Ordinal));

        var result = Quick(
            file, "--group", group, "--keep", group, group == "who" ? "--ignore" : "--text", group == "who" ? "kind" : "who");

        AssertSuccess(result);
        AssertPrints(result, columns);
    }

    [Fact]
    public void Few_groups_make_fewer_folds_and_too_few_are_an_error()
    {
        var random = new Random(3);
        string Rows(int groups) => Write("x,who,y\n" + string.Join('\n', Enumerable.Range(0, 90).Select(i => string.Create(
            CultureInfo.InvariantCulture, $"{random.NextDouble():F4},g{i % groups},{(i % 10 < 3 ? 1 : 0)}"))));

        AssertSuccess(Quick(Rows(3), "--group", "who"));
        var file = Rows(1);
        AssertError(() => Run("train", file, "--label", "y", "--quick", "--group", "who", "--out", In("other")), "--group");
    }

    [Fact]
    public void All_that_the_model_needs_is_in_the_file_so_that_ML_NET_alone_scores_raw_columns()
    {
        AssertSuccess(Quick(WriteTable(rows => rows[3][0] = "")));
        var mlContext = new MLContext();
        var model = mlContext.Model.Load(In("out/model.zip"), out var schema);
        var engine = mlContext.Model.CreatePredictionEngine<Raw, Said>(model);

        var complete = engine.Predict(new() { X1 = 1.5f, X2 = .5f, Kind = "a" }).Probability;
        var unknown = engine.Predict(new() { X1 = float.NaN, X2 = .5f, Kind = "never seen" }).Probability;

        Assert.Equal(["x1", "x2", "kind"], schema.Select(c => c.Name));
        Assert.InRange(complete, .5, 1);
        Assert.InRange(unknown, 0, .5);
    }

    [Fact]
    public void The_files_may_be_named_by_the_model()
    {
        AssertSuccess(Run("train", WriteTable(), "--label", "y", "--quick", "--out", In("mine.zip")));

        Assert.Equal(
            ["data.csv", "mine.html", "mine.onnx", "mine.zip"], Directory.GetFiles(Folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Several_classes_are_told_apart_by_name()
    {
        var result = Run(
            "train", WriteClasses(), "--label", "kind", "--task", "multiclass", "--ignore", "y", "--quick", "--out", In("out"));

        AssertSuccess(result);
        foreach (var text in new[] { "3 classes of kind: a, b, c.", "│ a ", "│ b ", "│ c ", "macro AUPRC" })
            AssertPrints(result, text);
        Assert.Equal(0, Run("score", In("out/model.zip"), In("data.csv"), "--out", In("scored.csv")).ExitCode);
        string[][] scored = [.. File.ReadAllLines(In("scored.csv")).Skip(1).Select(line => line.Split(','))];
        Assert.True(scored.Count(row => row[2] == row[^1]) >= 55); // the numbers tell the kinds apart
        Assert.All(scored, row => Assert.InRange(float.Parse(row[^2], CultureInfo.InvariantCulture), 1 / 3.0, 1));
        var judged = Run("evaluate", In("out/model.zip"), In("data.csv"), "--out", In("judged.html"));
        AssertPrints(judged, "MacroAveragePrecision");
        foreach (var page in new[] { "out/report.html", "judged.html" })
            Assert.Contains("<h1", File.ReadAllText(In(page)), StringComparison.Ordinal);
        string[] unknown = [.. File.ReadAllLines(In("data.csv")).Take(9).Select((line, i) =>
        {
            var cells = line.Split(',');
            cells[2] = i == 0 ? cells[2] : "unknown";
            return string.Join(',', cells);
        })];
        Write(string.Join('\n', unknown), "unknown.csv");
        var refused = Run("evaluate", In("out/model.zip"), In("unknown.csv"), "--out", In("refused.html"));
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("cannot be evaluated: ", Assert.Single(refused.Errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.False(File.Exists(In("refused.html")));
    }

    [Theory]
    [InlineData("id", "an identifier")]
    [InlineData("row", "an identifier")]
    [InlineData("leak", "may give the label away")]
    [InlineData("reason", "may give the label away")]
    public void A_column_that_should_not_be_used_is_named_with_what_to_add(string kind, string why)
    {
        var file = WriteTable(
            rows =>
            {
                for (var i = 0; i < rows.Count; i++)
                {
                    rows[i][1] = kind switch
                    {
                        "id" => $"c{(i * 7919) % 10007}",
                        "row" => $"{i * 3}",
                        // As an amount that is paid back only where there was fraud, and a reason that only such rows have.
                        "leak" => rows[i][3] == "yes" ? $"{5 + i % 7}.5" : "0",
                        _ => rows[i][3] == "yes" ? "chargeback" : "",
                    };
                }
            }, rowCount: 300);

        AssertError(() => Quick(file), "'x2'", why, "--ignore x2", "--keep x2");

        AssertSuccess(Quick(file, "--ignore", "x2"));
        if (kind != "id")
            AssertSuccess(Quick(file, "--keep", "x2"));
    }

    [Theory]
    [InlineData(
        "train", "--label", "--positive", "--task", "--ignore", "--keep", "--text", "--group", "--time", "--cost-fn", "--cost-fp",
        "--quick", "--seed", "--out")]
    [InlineData("score", "--out")]
    [InlineData("evaluate", "--label", "--positive", "--out")]
    public void Help_names_every_option(string command, params string[] options)
    {
        var result = Run(command, "--help");

        AssertSuccess(result);
        Assert.All(options, option => AssertPrints(result, option));
    }

    [Theory]
    [InlineData("e-29")]
    [InlineData("e37")]
    public void A_column_within_the_range_may_have_any_unit(string exponent)
        => AssertSuccess(Quick(WriteTable(
            rows => rows.ForEach(row => row[0] = (row[3] == "yes" ? "-" : "") + "1" + row[0][1..] + exponent)), "--keep", "x1"));

    private Result Quick(string file, params string[] more)
        => Run(["train", file, "--label", "y", "--quick", "--out", In("out"), .. more]);

    /// <summary>The table of two classes with three kinds, of 36, 12 and 12 rows, that the numbers tell apart.</summary>
    private string WriteClasses() => WriteTable(rows =>
    {
        for (var i = 0; i < rows.Count; i++)
        {
            var k = (i % 5) switch { 0 => 1, 1 => 2, _ => 0 };
            rows[i][0] = (3 * (k == 1 ? 1 : 0) + i % 7 * .1).ToString(CultureInfo.InvariantCulture);
            rows[i][1] = (3 * (k == 2 ? 1 : 0) + i % 3 * .1).ToString(CultureInfo.InvariantCulture);
            rows[i][2] = "abc"[k].ToString();
        }
    });

    private sealed class Raw
    {
        [Microsoft.ML.Data.ColumnName("x1")]
        public float X1 { get; set; }

        [Microsoft.ML.Data.ColumnName("x2")]
        public float X2 { get; set; }

        [Microsoft.ML.Data.ColumnName("kind")]
        public string Kind { get; set; } = "";
    }

    private sealed class Said
    {
        public float Probability { get; set; }
    }
}
