
using System.Globalization;
using System.Text;

namespace FocalMlNet.Tests;

/// <summary>Runs examples/ImbalancedBinary as a user does, on small files.</summary>
public sealed partial class ExampleTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("focal-example-");

    private string Model => Path.Combine(_folder.FullName, "out", "model.zip");

    [Theory]
    [InlineData(',')]
    [InlineData(';')]
    [InlineData('\t')]
    [InlineData('|')]
    public void Finds_the_delimiter_and_the_kind_of_each_column(char delimiter)
    {
        var result = Run(WriteTable(delimiter: delimiter));

        AssertSuccess(result);
        AssertPrints(result, "2 columns of numbers, 1 of text.");
        AssertPrints(result, "60 rows, 12 positives (y = yes), 20.00 %.");
        AssertPrints(result, "48 rows to train on (10 positives), 12 to test on (2 positives)");
    }

    [Fact]
    public void Prints_a_table_for_each_feature_set_as_plain_text_and_saves_the_best_model()
    {
        var result = Run(WriteTable());

        AssertSuccess(result);
        AssertPrints(result, "On the plain columns");
        AssertPrints(result, "On the 10 kernel features");
        foreach (var trainer in new[] { "SgdCalibrated", "LbfgsLogisticRegression", "FocalSgd" })
            AssertPrints(result, $"│ {trainer}");
        AssertPrints(result, "to the bit");
        Assert.DoesNotContain(result.Output, c => char.IsControl(c) && c is not ('\n' or '\r'));
        Assert.All(result.Output.Split('\n'), line => Assert.True(line.Length <= 121, line));
    }

    [Fact]
    public void Reads_quoted_cells_with_delimiters_quotes_and_line_breaks()
    {
        var result = Run(WriteTable(rows => rows[3][2] = "\"a, \"\"b\"\";\nc\""));

        AssertSuccess(result);
        AssertPrints(result, "60 rows, 12 positives");
        AssertPrints(result, "2 columns of numbers, 1 of text.");
    }

    [Fact]
    public void Leaves_out_rows_with_a_missing_number_or_label_and_says_how_many()
    {
        var negatives = new List<string[]>();
        var result = Run(WriteTable(rows =>
        {
            negatives.AddRange(rows.Where(row => row[3] == "no").Take(3));
            negatives[0][0] = "";
            negatives[1][1] = "NA";
            negatives[2][3] = "";
        }));

        AssertSuccess(result);
        AssertPrints(result, "57 rows, 12 positives");
        AssertPrints(result, "Left out: 3 rows");
    }

    [Fact]
    public void Takes_codes_as_text_if_told_so_and_ignores_columns()
    {
        var result = Run(WriteTable(rows => rows.ForEach(row => row[1] = row[2] == "a" ? "1" : "2")), "--text", "x2", "--ignore", "kind");

        AssertSuccess(result);
        AssertPrints(result, "1 columns of numbers, 1 of text.");
    }

    [Fact]
    public void A_positive_value_may_look_like_an_option()
    {
        var file = WriteTable(rows => rows.ForEach(row => row[3] = row[3] == "yes" ? "1" : "-1"));

        var result = TestPrograms.Run("ImbalancedBinary", "--data", file, "--label", "y", "--positive", "-1", "--rank", "10", "--output",
            Model);

        AssertSuccess(result);
        AssertPrints(result, "48 positives (y = -1)");
    }

    [Fact]
    public void The_same_seed_gives_the_same_figures_and_another_one_does_not()
    {
        var file = WriteTable();
        string[] FocalLines(string seed) => [.. Run(file, "--seed", seed).Output.Split('\n')
            .Where(line => line.Contains("FocalSgd ", StringComparison.Ordinal) && line.Contains('│'))
                .Select(line => line[..line.TrimEnd(' ', '│').LastIndexOf('│')])];

        var lines = FocalLines("7");

        Assert.Equal(4, lines.Length);
        Assert.Equal(lines, FocalLines("7"));
        Assert.NotEqual(lines, FocalLines("8"));
    }

    [Fact]
    public void Help_names_every_option()
    {
        var result = TestPrograms.Run("ImbalancedBinary", "--help");

        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        foreach (var option in new[] { "--data", "--label", "--positive", "--text", "--ignore", "--seed", "--rank", "--output" })
            AssertPrints(result, option);
    }

    [Fact]
    public void A_missing_file_is_an_error()
        => AssertError(Run(Path.Combine(_folder.FullName, "none.csv")), "none.csv", "does not exist");

    [Fact]
    public void A_folder_is_an_error()
        => AssertError(Run(_folder.FullName), "is a folder");

    [Theory]
    [InlineData("", "no rows")]
    [InlineData("x1,x2,y\n", "no rows")]
    [InlineData("x1,x1,y\n1,2,yes\n", "'x1'")]
    public void A_file_without_a_table_is_an_error(string content, string message)
        => AssertError(Run(Write(content)), message);

    [Theory]
    [InlineData("--label", "z", "'z'", "x1, x2, kind, y")]
    [InlineData("--positive", "perhaps", "perhaps", "no, yes")]
    [InlineData("--text", "z", "'z'", "x1, x2, kind, y")]
    [InlineData("--ignore", "z", "'z'", "x1, x2, kind, y")]
    public void An_unknown_column_or_value_is_an_error_that_shows_those_there_are(string option, string value, params string[] messages)
    {
        string[] given = ["--label", "y", "--positive", "yes"];
        var at = Array.IndexOf(given, option);
        string[] options = at < 0 ? [.. given, option, value] : [.. given[..(at + 1)], value, .. given[(at + 2)..]];

        var result = TestPrograms.Run("ImbalancedBinary", ["--data", WriteTable(), "--output", Model, .. options]);

        AssertError(result, [option, .. messages]);
    }

    [Fact]
    public void A_label_with_one_value_is_an_error()
        => AssertError(Run(WriteTable(rows => rows.RemoveAll(row => row[3] == "no"))), "'y'", "one value");

    [Fact]
    public void Too_few_positives_to_split_are_an_error()
    {
        var file = WriteTable(rows => rows.Where(row => row[3] == "yes").Skip(4).ToList().ForEach(row => row[3] = "no"));

        AssertError(Run(file), "y = yes: 4", "at least 5");
    }

    [Fact]
    public void A_cell_that_is_no_number_is_an_error_with_line_and_column()
        => AssertError(Run(WriteTable(rows => rows[7][1] = "3o")), "line 9", "'x2'", "'3o'");

    [Fact]
    public void Lines_are_counted_as_an_editor_does()
    {
        var file = WriteTable(rows =>
        {
            rows[2][2] = "\"two\nlines\"";
            rows[7][1] = "3o";
        });

        AssertError(Run(file), "line 10", "'x2'", "'3o'");
    }

    [Theory]
    [InlineData("1e39")]
    [InlineData("-3.4e38")]
    [InlineData("1.1e38")]
    [InlineData("9e-31")]
    [InlineData("-1e-39")]
    [InlineData("1e-400")]
    [InlineData("1e-300")]
    [InlineData("1e400")]
    [InlineData("Infinity")]
    public void A_number_that_single_precision_cannot_standardise_is_an_error(string cell)
        => AssertError(
            Run(WriteTable(rows => rows[0][0] = cell)),
            "line 2", "'x1'", $"'{cell}' is out of range: a number should be 0 or of a size from 1e-30 to 1e38.");

    [Theory]
    [InlineData("e-29")]
    [InlineData("e37")]
    public void A_column_within_the_range_may_have_any_unit(string exponent)
        => AssertSuccess(Run(WriteTable(
            rows => rows.ForEach(row => row[0] = (row[3] == "yes" ? "-" : "") + "1" + row[0][1..] + exponent))));

    [Fact]
    public void A_decimal_comma_is_an_error_and_no_text_column()
        => AssertError(
            Run(WriteTable(rows => rows.ForEach(row => row[0] = row[0].Replace('.', ',')), delimiter: ';')),
            "line 2", "'x1'", "' has a comma: write 1.5 for 1,5 and 1000 for 1,000. If the cells are names, give --text x1.");

    [Theory]
    [InlineData("1,234.5")]
    [InlineData("1.234,5")]
    [InlineData("1,234")]
    [InlineData("-1,5e3")]
    public void So_is_one_between_thousands(string cell)
        => AssertError(
            Run(WriteTable(rows => rows.ForEach(row => row[0] = cell), delimiter: ';')), "line 2", "'x1'", $"'{cell}' has a comma");

    [Theory]
    [InlineData("--text: 'y' is the label column.", "--text", "y")]
    [InlineData("--ignore: 'y' is the label column.", "--ignore", "y")]
    [InlineData("--text: 'x2' is named by --ignore, too", "--text", "x2", "--ignore", "x2")]
    public void A_column_named_for_two_purposes_is_an_error(string message, params string[] options)
        => AssertError(Run(WriteTable(), options), message);

    [Theory]
    [InlineData("1,2,a", "3 cells", "'y'")]
    [InlineData("1,2,a,no,5", "5 cells", "'5'")]
    [InlineData("1,2,\"a\"b,no", "quote", "")]
    public void A_row_that_does_not_fit_is_an_error_with_its_line(string row, string message, string detail)
        => AssertError(Run(WriteTable(rows => rows[4] = [row])), "line 6", message, detail);

    [Fact]
    public void A_text_column_with_too_many_values_is_an_error_that_says_what_to_do()
    {
        var file = WriteTable(rows =>
        {
            for (var i = 0; i < rows.Count; i++)
                rows[i][2] = $"id{i}";
        }, rowCount: 300);

        AssertError(Run(file), "'kind'", "300 different values", "--ignore");
    }

    [Fact]
    public void An_empty_column_is_an_error()
        => AssertError(Run(WriteTable(rows => rows.ForEach(row => row[0] = ""))), "'x1'", "--ignore");

    [Theory]
    [InlineData("--seed", "one")]
    [InlineData("--seed", "-1")]
    [InlineData("--rank", "0")]
    [InlineData("--rank", "1.5")]
    [InlineData("--nonsense", "1")]
    public void A_bad_option_is_an_error(string option, string value)
        => AssertError(TestPrograms.Run("ImbalancedBinary", "--data", WriteTable(), "--label", "y", "--positive", "yes", "--output", Model,
            option, value), option);

    [Theory]
    [InlineData("--label", "y")]
    [InlineData("--positive", "yes")]
    public void Own_data_need_label_and_positive(string option, string value)
        => AssertError(TestPrograms.Run("ImbalancedBinary", "--data", WriteTable(), "--output", Model, option, value), "--data needs");

    [Fact]
    public void The_data_are_never_overwritten()
    {
        var file = WriteTable();
        var before = File.ReadAllText(file);

        var result = TestPrograms.Run("ImbalancedBinary", "--data", file, "--label", "y", "--positive", "yes", "--output", file);

        AssertError(result, "--output", "data file");
        Assert.Equal(before, File.ReadAllText(file));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Compares_several_classes_and_saves_the_model_that_names_them()
    {
        var result = Multiclass(WriteClasses());

        AssertSuccess(result);
        AssertPrints(result, "60 rows of 3 classes (kind).");
        AssertPrints(result, "48 rows to train on, 12 to test on.");
        foreach (var text in new[]
        {
            "OneVersusAll(SgdCalibrated)", "SdcaMaximumEntropy", "LbfgsMaximumEntropy", "FocalSgd", "Macro recall", "Recall of each class",
            "AUPRC of each class",
        })
            AssertPrints(result, text);
        foreach (var name in new[] { "a", "b", "c" })
            Assert.Matches($@"│ {name} +│ {name} +│", result.Output);
        Assert.All(result.Output.Split('\n'), line => Assert.True(line.Length <= 121, line));
    }

    [Fact]
    public void A_column_with_one_class_or_too_few_rows_of_one_is_refused_in_multiclass()
    {
        AssertError(Multiclass(WriteTable(rows => rows.ForEach(row => row[2] = "a"))), "'kind'", "one value only");
        AssertError(Multiclass(WriteTable(rows =>
        {
            rows.ForEach(row => row[2] = row[3]);
            rows[0][2] = "rare";
        })), "kind = rare: 1", "at least 5");
    }

    [Fact]
    public void The_positive_value_is_no_matter_of_several_classes()
        => AssertError(Multiclass(WriteTable(), "--positive", "a"), "--positive is for --task binary");

    [Fact]
    public void Another_task_is_refused()
        => AssertError(Run(WriteTable(), "--task", "ranking"), "--task = ranking", "binary or multiclass");

    private ProgramResult Multiclass(string file, params string[] more)
        => TestPrograms.Run("ImbalancedBinary", ["--task", "multiclass", "--data", file, "--label", "kind", "--output", Model, .. more]);

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

    private ProgramResult Run(string file, params string[] more)
        => TestPrograms.Run("ImbalancedBinary", [.. ArgumentsFor(Model, file), .. more]);

    private string Write(string content)
    {
        var file = Path.Combine(_folder.FullName, "data.csv");
        File.WriteAllText(file, content);
        return file;
    }

    /// <summary>
    /// Columns x1, x2, kind and y: two numbers, of which the first tells a fifth of the rows, the positives, from the others; a text; yes
    /// or no.
    /// </summary>
    private string WriteTable(Action<List<string[]>>? change = null, char delimiter = ',', int rowCount = 60)
    {
        var random = new Random(1);
        string Number(double mean) => (mean + random.NextDouble()).ToString("F3", CultureInfo.InvariantCulture);
        var rows = Enumerable.Range(0, rowCount)
            .Select(i => new[] { Number(i % 5 == 0 ? .7 : 0), Number(0), "abc"[random.Next(3)].ToString(), i % 5 == 0 ? "yes" : "no" })
            .ToList();
        change?.Invoke(rows);

        var text = new StringBuilder();
        foreach (var row in rows.Prepend(["x1", "x2", "kind", "y"]))
            text.AppendJoin(delimiter, row).Append('\n');
        return Write(text.ToString());
    }

    private void AssertSuccess(ProgramResult result)
    {
        Assert.Equal("", result.Errors);
        Assert.Equal(0, result.ExitCode);
        Assert.Equal([Model], Directory.GetFiles(Path.GetDirectoryName(Model)!));
    }

    /// <summary>Lines may break anywhere between words.</summary>
    private static void AssertPrints(ProgramResult result, string text)
        => Assert.Contains(text, string.Join(' ', result.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)),
            StringComparison.Ordinal);

    private void AssertError(ProgramResult result, params string[] messages)
    {
        Assert.Equal(2, result.ExitCode);
        Assert.Equal("", result.Output);
        Assert.Single(result.Errors.TrimEnd('\n', '\r').Split('\n'));
        Assert.StartsWith("Error: ", result.Errors, StringComparison.Ordinal);
        Assert.All(messages, message => Assert.Contains(message, result.Errors, StringComparison.Ordinal));
        Assert.DoesNotContain(_folder.GetFileSystemInfos(), entry => entry.Name != "data.csv");
    }
}
