using System.IO.Compression;

namespace FocalMlNet.Tool.Tests;

/// <summary>What a user can put right is one line on standard error and exit code 2, and nothing is written.</summary>
public sealed class BadInputTests : Focal
{
    private const string Head = "x1,x2,kind,y\n";

    /// <summary>The options beside --label y --out (a label among them stands for that), and what the message has.</summary>
    public static TheoryData<string, string[]> Options => new()
    {
        { "--label z", ["--label", "'z'", "x1, x2, kind, y"] },
        { "--positive perhaps", ["--positive", "perhaps", "no, yes"] },
        { "--text z", ["--text", "'z'", "x1, x2, kind, y"] },
        { "--ignore z", ["--ignore", "'z'"] },
        { "--keep z", ["--keep", "'z'"] },
        { "--group z", ["--group", "'z'"] },
        { "--time z", ["--time", "'z'"] },
        { "--text y", ["--text: 'y' is the label column."] },
        { "--ignore y", ["--ignore: 'y' is the label column."] },
        { "--keep y", ["--keep: 'y' is the label column."] },
        { "--group y", ["--group: 'y' is the label column."] },
        { "--time y", ["--time: 'y' is the label column."] },
        { "--text x2 --ignore x2", ["--text: 'x2' is named by --ignore, too"] },
        { "--keep x2 --ignore x2", ["--keep: 'x2' is named by --ignore, too"] },
        { "--group kind --time x1", ["--group and --time"] },
        { "--time kind", ["line 2", "'kind'", "is not a time"] },
        { "--ignore x1 --ignore x2 --ignore kind", ["no column but 'y'"] },
        { "--seed one", ["--seed = one"] },
        { "--rank 0", ["--rank = 0", "[1; 10000]"] },
        { "--rank 10 --quick", ["--rank", "--quick tries none"] },
        { "--task multiclass --rank 10", ["--rank", "--task multiclass tries none"] },
        { "--seed -1", ["--seed = -1", "[0; 2147483647]"] },
        { "--cost-fn -1", ["--cost-fn = -1", "(0; 1e9]"] },
        { "--cost-fp 0", ["--cost-fp = 0"] },
        { "--cost-fn ten", ["--cost-fn = ten"] },
        { "--nonsense 1", ["--nonsense"] },
        { "--task ranking", ["--task = ranking", "binary or multiclass"] },
        { "--task multiclass --positive yes", ["--positive is for --task binary"] },
        { "--task multiclass --cost-fn 2", ["--cost-fn is for --task binary"] },
        { "--label kind", ["--positive VALUE is needed", "3 values: a, b, c", "--task multiclass"] },
        { "--label x1 --task multiclass", ["with x1 = ", ": 1", "at least 5"] },
    };

    /// <summary>A file, and what the message has.</summary>
    public static TheoryData<string, string[]> Files => new()
    {
        { "", ["no rows"] },
        { Head, ["no rows"] },
        { "x1,x1,y\n1,2,yes\n", ["'x1'"] },
        { Head + "1,2,a,yes\n1,2,a\n", ["line 3", "3 cells", "'y'"] },
        { Head + "1,2,a,no,5\n", ["line 2", "5 cells", "'5'"] },
        { Head + "1,2,\"a\"b,no\n", ["line 2", "quote"] },
        { Head + "1,2,a,no\n1,2,a,no\n", ["'y'", "one value only, no: there is nothing to tell apart"] },
        { Head + "1,2,a,\n", ["'y'", "is empty"] },
        { Head + "1,2,a,yes\n1,2,a,no\n", ["y = ", ": 1", "at least 5"] },
        { "\u0001\0\0,PK\n1,2\n", ["line 1", "not text in UTF-8"] },
    };

    /// <summary>What is done to the table, and what the message has.</summary>
    public static TheoryData<string, string[]> Changes => new()
    {
        { "a word", ["line 9", "'x2'", "'3o' is not a number"] },
        { "a line break before it", ["line 10", "'x2'", "'3o'"] },
        { "comma", ["line 2", "'x1'", "has a comma: write 1.5 for 1,5", "--text x1"] },
        { "thousands and decimals", ["line 2", "'x1'", "'1,234.5' has a comma"] },
        { "points between thousands", ["line 2", "'x1'", "'1.234,5' has a comma"] },
        { "thousands", ["line 2", "'x1'", "'1,234' has a comma"] },
        { "comma and point", ["'x1'", "has a comma"] },
        { "empty column", ["'x1'", "is empty", "--ignore"] },
        { "many names", ["'kind'", "250 different values", "--ignore"] },
        { "Score", ["'Score'", "that a model adds"] },
        { "1e39", ["line 2", "'x1'", "'1e39' is out of range"] },
        { "-3.4e38", ["out of range"] },
        { "9e-31", ["out of range"] },
        { "1e-400", ["out of range"] },
        { "1e400", ["out of range"] },
        { "Infinity", ["out of range"] },
    };

    [Theory]
    [MemberData(nameof(Options))]
    public void Bad_options(string options, string[] messages)
    {
        string[] given = options.Split(' ');
        string[] label = given.Contains("--label") ? [] : ["--label", "y"];
        var file = WriteTable();

        AssertError(() => Run(["train", file, .. label, "--out", In("out"), .. given]), messages);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Bad_files(string content, string[] messages)
    {
        var file = Write(content);

        AssertError(() => Run("train", file, "--label", "y", "--out", In("out")), messages);
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public void Bad_cells(string change, string[] messages)
    {
        var file = WriteTable(
            rows =>
            {
                switch (change)
                {
                    case "a word":
                        rows[7][1] = "3o";
                        break;
                    case "a line break before it":
                        (rows[2][2], rows[7][1]) = ("\"two\nlines\"", "3o");
                        break;
                    case "comma": // three decimals in every cell: thousands, or decimals?
                        rows.ForEach(row => row[0] = row[0].Replace('.', ','));
                        break;
                    case "thousands and decimals":
                        rows.ForEach(row => row[0] = "1,234.5");
                        break;
                    case "points between thousands":
                        rows.ForEach(row => row[0] = "1.234,5");
                        break;
                    case "thousands":
                        rows.ForEach(row => (row[0], row[1]) = ("1,234", "7"));
                        break;
                    case "comma and point": // x2 has points
                        rows.ForEach(row => row[0] = row[0].Replace('.', ',') + "5");
                        break;
                    case "empty column":
                        rows.ForEach(row => row[0] = "");
                        break;
                    case "many names":
                        for (var i = 0; i < rows.Count; i++)
                            rows[i][2] = $"n{i % 250}";
                        break;
                    case "Score":
                        rows.ForEach(row => { });
                        break;
                    default:
                        rows[0][0] = change;
                        break;
                }
            },
            delimiter: ';', rowCount: change == "many names" ? 500 : 60);
        if (change == "Score")
            File.WriteAllText(file, File.ReadAllText(file).Replace("x1", "Score", StringComparison.Ordinal));

        AssertError(() => Run("train", file, "--label", "y", "--out", In("out")), messages);
    }

    [Fact]
    public void Missing_files_and_folders()
    {
        var table = WriteTable();
        AssertError(() => Run("train", In("none.csv"), "--label", "y", "--out", In("out")), "none.csv", "does not exist");
        AssertError(() => Run("train", Folder, "--label", "y", "--out", In("out")), "is a folder");
        AssertError(() => Run("train", "", "--label", "y"), "FILE is empty");
        AssertError(() => Run("train", In("none.csv")), "--label");
        AssertError(() => Run("train", table, "--label", "y", "--out", ""), "--out is empty");
        AssertError(() => Run("score", In("none.zip"), table), "none.zip", "does not exist");
        AssertError(() => Run("score", table, table), "no model that can be loaded");
        AssertError(() => Run("score", Folder, table), "is a folder");
        AssertError(() => Run("evaluate", In("none.zip"), table, "--out", In("page.html")), "does not exist");
        AssertError(() => Run("nonsense"), "nonsense");
        AssertError(() => Run(), "train, score or evaluate");
    }

    [Fact]
    public void A_gzip_file_that_is_cut_off_is_an_error_wherever_it_ends()
    {
        var packed = new MemoryStream();
        using (var zipped = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            // What follows does not fit into the block that holds the first part.
            zipped.Write(File.ReadAllBytes(WriteTable(rowCount: 300)));
            zipped.Flush();
            zipped.Write("0.5,0.5,a,no\n"u8);
        }

        var bytes = packed.ToArray();
        foreach (var left in (int[])[8, 20, 21, 30])
        {
            var file = In("cut.csv.gz");
            File.WriteAllBytes(file, bytes[..^left]);
            AssertError(() => RunProcess(null, "train", file, "--label", "y", "--quick", "--out", In("out")), "cut.csv.gz");
        }

        File.WriteAllBytes(In("whole.csv.gz"), bytes);
        AssertSuccess(RunProcess(null, "train", In("whole.csv.gz"), "--label", "y", "--quick", "--out", In("out")));
    }

    [Fact]
    public void What_the_library_refuses_is_told_with_the_names_of_the_file()
    {
        // All newest rows are negative; one group has all positives; only the oldest rows are positive, so that no fold can learn.
        string Rows(Func<int, bool> isPositive, Func<int, string> when) => Write("x,when,fraud\n" + string.Join(
            '\n', Enumerable.Range(0, 60).Select(i => $"0.{i * 37 % 89},{when(i)},{(isPositive(i) ? "yes" : "no")}")));
        void Refused(string file, string option, params string[] messages) => AssertError(
            () => Run("train", file, "--label", "fraud", "--quick", option, "when", "--out", In("out")), [option, .. messages]);

        Refused(Rows(i => i < 12, i => $"{i}"), "--time", "test part", "'fraud'");
        Refused(Rows(i => i % 5 == 0, _ => "2026-01-01"), "--time", "'when'", "1 value");
        Refused(Rows(i => i % 5 == 0, i => i % 5 == 0 ? "a" : $"g{i % 4}"), "--group", "'when'", "'fraud'");
        // By then it has been said what the table is.
        var late = Run(
            "train", Rows(i => i is < 8 or > 55, i => $"{i}"), "--label", "fraud", "--quick", "--time", "when", "--out", In("out"));
        Assert.Equal(2, late.ExitCode);
        Assert.Matches("^Error: --time: models cannot be compared: [^\\n]*'fraud'[^\\n]*\\n$", late.Errors);
        Assert.False(Directory.Exists(In("out")));
    }

    [Theory]
    [InlineData("Score")]
    [InlineData("Features")]
    [InlineData("Numbers")]
    [InlineData("PredictedLabel")]
    public void A_label_may_have_a_name_that_columns_of_a_model_have(string name)
    {
        var file = WriteTable();
        File.WriteAllText(file, File.ReadAllText(file).Replace(",y\n", $",{name}\n", StringComparison.Ordinal));

        AssertSuccess(Run("train", file, "--label", name, "--quick", "--out", In("out")));
        AssertSuccess(Run("evaluate", In("out/model.zip"), file, "--out", In("page.html")));
    }

    [Fact]
    public void A_pipe_cannot_be_read_twice()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no such files on Windows.");

        AssertError(() => Run("train", "/dev/null", "--label", "y", "--out", In("out")), "/dev/null");
    }

    [Fact]
    public void The_program_itself_says_so_in_one_line_too()
    {
        var file = WriteTable();
        AssertError(() => RunProcess(null, "train", file, "--label", "nothing", "--out", In("out")), "--label", "'nothing'");
        AssertError(() => RunProcess(null, "score", file, file), "no model");
        AssertError(() => RunProcess(null, "train", file, "--label", "y", "--seed", "x"), "--seed = x");
    }
}
