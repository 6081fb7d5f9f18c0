using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using FocalMlNet.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests;

/// <summary>Runs samples/*.cs as a user does, and computes what they print from the data and from each other, by plain formulas.</summary>
public sealed partial class SamplesTests
{
    /// <summary>What serving.cs trains, trained here, in one engine.</summary>
    private static readonly Lazy<PredictionEngine<Machine, Verdict>> Engine = new(() =>
    {
        var mlContext = new MLContext(seed: 1);
        var data = mlContext.Data.LoadFromEnumerable(DataFile.Lines(DataPath("ai4i2020.csv.gz")).Skip(1).Select(line => line.Split(','))
            .Select(cells => new Machine { Speed = Single(cells[5]), Torque = Single(cells[6]), Label = cells[8] == "1" }).ToArray());
        return mlContext.Model.CreatePredictionEngine<Machine, Verdict>(mlContext.Transforms.Concatenate("Features", "Speed", "Torque")
            .Append(mlContext.Transforms.NormalizeMeanVariance("Features", fixZero: false))
            .Append(mlContext.BinaryClassification.Trainers.FocalSgd(gamma: 2)).Fit(data));
    });

    private static readonly string Samples = Path.Combine(TestPrograms.RepositoryRoot, "samples");

    [Fact]
    public void Each_sample_is_short_and_in_the_README_of_the_folder()
    {
        var readme = File.ReadAllText(Path.Combine(Samples, "README.md"));
        string[] files = [.. Directory.GetFiles(Samples, "*.cs").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

        string[] named = [.. NameInTable().Matches(readme).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal)];

        Assert.Equal(["fraud.cs", "machine-faults.cs", "serving.cs", "several-classes.cs", "shoppers.cs", "text.cs"], files);
        Assert.Equal(files, named);
        foreach (var file in files)
        {
            var lines = File.ReadAllLines(Path.Combine(Samples, file));
            Assert.InRange(lines.Length, 10, 79);
            Assert.StartsWith($"//     dotnet run samples/{file}", lines[1], StringComparison.Ordinal);
            // Versions are in Directory.Packages.props alone.
            Assert.DoesNotContain(lines, line => line.StartsWith("#:package", StringComparison.Ordinal) && line.Contains('@'));
        }
    }

    [Fact]
    public void What_payments_bring_in_is_what_the_decisions_cost()
    {
        var output = Run("fraud.cs", fromRoot: true);

        const int Rows = 18_000;
        var frauds = 0.0;
        var profits = new List<double>();
        foreach (var (profit, found, all, alerts) in Numbers(output, @"(-\d+\.\d+)   frauds found (\d+) of (\d+), false alerts (\d+)")
            .Select(n => (n[0], n[1], n[2], n[3])))
        {
            frauds = frauds == 0 ? all : frauds;
            Assert.Equal(frauds, all);
            Assert.Equal(1000.0 / Rows * (-4 * (found + alerts) - 150 * (all - found)), profit, .0051);
            profits.Add(profit);
        }

        Assert.Equal(3, profits.Count);
        // 1 - (1 - .007) (1 - .003) = .00998 of the payments, four standard errors wide.
        Assert.InRange(frauds, .00998 * Rows - 54, .00998 * Rows + 54);
        Assert.Equal(-150_000 * frauds / Rows, Number(output, @"doing nothing +(\S+)"), .0051);
        Assert.Equal(4 / 150.0, Number(output, @"probability above (\d\.\d+)\."), 1e-6);
        // To tune the threshold is worth more than all else.
        Assert.True(profits[0] < profits[1] && profits[0] < profits[2]);
        var gain = Numbers(output, @"both tuned: (\S+) \[(\S+); (\S+)\], p = (\S+)")[0];
        Assert.Equal(profits[2] - profits[1], gain[0], .0151);
        Assert.Equal(gain[0], (gain[1] + gain[2]) / 2, .0151);
        Assert.Equal(gain[3] < .05, gain[1] > 0 || gain[2] < 0);
    }

    [Fact]
    public void Tuning_of_machine_faults_says_what_its_table_and_its_counts_say()
    {
        var output = Run("machine-faults.cs");

        var labels = DataFile.Lines(DataPath("ai4i2020.csv.gz")).Skip(1).Count(line => line.EndsWith(",1", StringComparison.Ordinal));
        var (found, all, alerts) = Triple(output, @"faults found (\d+) of (\d+), false alerts (\d+)");
        Assert.Equal(.2 * labels, all, 1.0);
        Assert.Equal(2000, Number(output, @"On (\d+) machines"));

        // The best line, and by how much the taken candidate is better, from the table.
        var best = Numbers(output, @"(?m)^. γ = .*?  (0\.\d{4}) ").Max(n => n[0]);
        var chosen = Number(output, @"(?m)^\* .*?  (0\.\d{4}) ");
        var (said, line, difference) = Triple(output, @"has\s+(\S+)\s+against\s+(\S+)\s+\(difference\s+(\S+),");
        Assert.Equal((chosen, best), (said, line));
        Assert.Equal(chosen - best, difference, 1.1e-4);

        AssertShare("Recall", found, all);
        AssertShare("Precision", found, found + alerts);
        var precision = Interval("AveragePrecision");
        Assert.InRange(precision[0], precision[1], precision[2]);
        Assert.InRange(precision[1], labels / 10_000.0, 1);

        void AssertShare(string metric, double part, double whole)
        {
            var printed = Interval(metric);
            Assert.Equal(part / whole, printed[0], 5.1e-4);
            var (low, high) = ExactInterval((int)part, (int)whole);
            Assert.Equal(low, printed[1], 5.1e-4);
            Assert.Equal(high, printed[2], 5.1e-4);
        }

        double[] Interval(string metric) => Numbers(output, $@"{metric} +(\S+), 95 % interval \[(\S+); (\S+)\]")[0];
    }

    [Fact]
    public void Probabilities_of_shoppers_are_as_far_off_as_their_table()
    {
        var output = Run("shoppers.cs");

        string[] visits = [.. DataFile.Lines(DataPath("online-shoppers.csv.gz")).Skip(1)];
        var prevalence = visits.Count(line => line.EndsWith(",1", StringComparison.Ordinal)) / (double)visits.Length;
        var parts = output.Split("FocalSgd:");
        Assert.Equal(2, parts.Length);
        var errors = parts.Select(part =>
        {
            var (rows, share) = (Number(part, @"(\d+) visits"), Number(part, @"of which (\S+) % buy") / 100);
            Assert.Equal(.3 * visits.Length, rows, 1.0);
            Assert.Equal(prevalence, share, 1 / rows);
            var groups = Numbers(part, @"(?m)^ +(\d+\.\d) % +(\d+\.\d) %");
            Assert.Equal(10, groups.Count);
            // The groups are equally large; shares are printed in tenths of a percent.
            Assert.Equal(share, groups.Average(g => g[1]) / 100, .001);
            var error = Number(part, @"calibration error (\S+),");
            Assert.Equal(groups.Average(g => Math.Abs(g[0] - g[1])) / 100, error, .0015);
            Assert.Equal(groups.OrderBy(g => g[0]), groups);
            return error;
        }).ToArray();

        Assert.True(errors[1] < errors[0] / 4);
        // Who says the prevalence of each row has its entropy as log-loss.
        var entropy = -prevalence * Math.Log(prevalence) - (1 - prevalence) * Math.Log(1 - prevalence);
        Assert.True(Number(parts[1], @"log-loss (\S+),") < Math.Min(Number(parts[0], @"log-loss (\S+),"), .7 * entropy));
    }

    [Fact]
    public void Figures_of_several_classes_follow_from_the_table_of_confusions()
    {
        var output = Run("several-classes.cs");

        var counts = DataFile.Read(DataPath("satimage.csv.gz")).CountBy(row => row.Class).ToDictionary();
        var parts = output.Split("Class weights: ")[1..];
        Assert.Equal(2, parts.Length);
        var recalls = new List<double>();
        foreach (var part in parts)
        {
            var confusions = string.Concat(Enumerable.Repeat(@" +(\d+)", 6));
            var rows = Numbers(part, $@"(?m)^  (\d) \D+ (\d+) +(\S+) +(\S+) +\[(\S+); (\S+)\]{confusions}\r?$");
            Assert.Equal([1, 2, 3, 4, 5, 7], rows.Select(row => row[0]));
            double[] recall = new double[6], f1 = new double[6];
            for (var k = 0; k < 6; k++)
            {
                var given = rows[k][6..];
                var (right, calls) = (given[k], rows.Sum(row => row[6 + k]));
                Assert.Equal(.3 * counts[$"{rows[k][0]}"], rows[k][1], 1.0);
                Assert.Equal(rows[k][1], given.Sum());
                Assert.Equal(right / calls, rows[k][2], 5.1e-5);
                Assert.Equal(right / rows[k][1], rows[k][3], 5.1e-5);
                var (low, high) = ExactInterval((int)right, (int)rows[k][1]);
                Assert.Equal(low, rows[k][4], 5.1e-4);
                Assert.Equal(high, rows[k][5], 5.1e-4);
                (recall[k], f1[k]) = (right / rows[k][1], 2 * right / (calls + rows[k][1]));
            }

            var accuracy = Enumerable.Range(0, 6).Sum(k => rows[k][6 + k]) / rows.Sum(row => row[1]);
            Assert.Equal(accuracy, Number(part, @"Accuracy (\S+),"), 5.1e-5);
            Assert.Equal(recall.Average(), Number(part, @"balanced accuracy (\S+),"), 5.1e-5);
            Assert.Equal(f1.Average(), Number(part, @"macro F1 (\S+)"), 5.1e-5);
            recalls.Add(recall[3]);
        }

        // Weights find more of the class that is taken for its neighbours.
        Assert.True(recalls[1] > recalls[0] + .1);
    }

    [Fact]
    public void Text_gives_away_who_leaves_by_the_words_it_was_made_with()
    {
        var output = Run("text.cs");

        var (rows, leaving) = (Number(output, @"(\d+) messages"), Number(output, @"messages, (\d+) of"));
        Assert.Equal(.3 * 6000, rows);
        // 3 of 100, four standard errors wide.
        Assert.InRange(leaving, .03 * rows - 29, .03 * rows + 29);
        Assert.Equal(leaving / rows, Number(output, @"knows nothing (\S+)"), 5.1e-5);
        var (called, right) = (Number(output, @"Of (\d+) that are called back"), Number(output, @"called back, (\d+) would"));
        Assert.InRange(called, 1, .02 * rows);
        Assert.Equal(called / rows, Number(output, @"with (\S+) % of the calls") / 100, 5.1e-5);
        Assert.Equal(right / leaving, Number(output, @"leave: (\d+) % of all") / 100, .0051);
        // 80 of 100 who leave say so, and 4 of 1,000 others: of those who say so 86 in 100 leave.
        Assert.InRange(right / called, .6, 1);
        Assert.InRange(Number(output, @"AUPRC (\S+),"), right / leaving * .6, .9);

        string[] sentences = ["want to cancel my contract", "want to switch to another provider", "want to end my subscription"];
        HashSet<string> made = [.. sentences.Select(sentence => sentence.Split(' '))
            .SelectMany(words => words.Zip(words[1..], (a, b) => $"{a}|{b}"))];
        string[] terms = TermList().Match(output).Groups[1].Value.Trim().Split(", ");
        Assert.Equal(4, terms.Length);
        Assert.All(terms, term => Assert.Contains(term, made));
    }

    [Fact]
    public void The_server_tries_itself_and_ends()
    {
        var output = Run("serving.cs", fromRoot: false, "--try");

        var answer = AnswerLine().Match(output);
        Assert.True(answer.Success, output);
        Assert.Equal("200", answer.Groups[1].Value);
        using var body = JsonDocument.Parse(answer.Groups[2].Value);
        Assert.Equal(Probability(1300, 65), body.RootElement.GetProperty("probability").GetSingle(), 1e-5);
    }

    [Fact]
    public async Task The_server_answers_many_at_once_as_one_engine_does_and_refuses_what_is_no_machine()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var server = Start("serving.cs", fromRoot: true, "--urls", "http://127.0.0.1:0");
        try
        {
            var line = await server.StandardOutput.ReadLineAsync(cancellation);
            Assert.NotNull(line);
            using var connections = new SocketsHttpHandler { MaxConnectionsPerServer = 32 };
            var address = new Uri(line[line.IndexOf("http", StringComparison.Ordinal)..]);
            using var client = new HttpClient(connections) { BaseAddress = address };
            var machines = Enumerable.Range(0, 4000).Select(i => (Speed: 1200f + i % 500, Torque: 20f + i % 60)).ToArray();

            var answers = await Task.WhenAll(machines.Select(async machine =>
            {
                using var response = await client.PostAsJsonAsync("", new { machine.Speed, machine.Torque }, cancellation);
                Assert.True(response.IsSuccessStatusCode);
                return (await response.Content.ReadFromJsonAsync<JsonElement>(cancellation))
                    .GetProperty("probability").GetSingle();
            }));
            using var half = await client.PostAsJsonAsync("", new { Torque = 20 }, cancellation);

            Assert.Equal(machines.Select(machine => Probability(machine.Speed, machine.Torque)), answers, (a, b) => Math.Abs(a - b) < 1e-5);
            Assert.Equal(400, (int)half.StatusCode);
            Assert.Contains("speed = 0", await half.Content.ReadAsStringAsync(cancellation), StringComparison.Ordinal);
        }
        finally
        {
            server.Kill(entireProcessTree: true);
        }
    }

    private static float Probability(float speed, float torque)
        => Engine.Value.Predict(new Machine { Speed = speed, Torque = torque }).Probability;

    private static float Single(string cell) => float.Parse(cell, CultureInfo.InvariantCulture);

    private static string DataPath(string name) => Path.Combine(TestPrograms.RepositoryRoot, "data", name);

    private static string Run(string sample, bool fromRoot = false, params string[] arguments)
    {
        using var process = Start(sample, fromRoot, arguments);
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{sample} ended with {process.ExitCode}.\n{output}\n{errors.Result}");
        Assert.Equal("", errors.Result);
        return output;
    }

    private static Process Start(string sample, bool fromRoot, params string[] arguments)
        => TestPrograms.StartDotnet(
            fromRoot ? TestPrograms.RepositoryRoot : Samples,
            ["run", "-c", "Release", fromRoot ? $"samples/{sample}" : sample, .. arguments.Length > 0 ? ["--", .. arguments] : arguments]);

    private static double Number(string text, string pattern) => Assert.Single(Numbers(text, pattern))[0];

    private static (double, double, double) Triple(string text, string pattern)
        => Assert.Single(Numbers(text, pattern)) is [var a, var b, var c] ? (a, b, c) : default;

    /// <summary>The groups of each match, as numbers.</summary>
    private static List<double[]> Numbers(string text, string pattern)
    {
        List<double[]> found = [.. Regex.Matches(text, pattern).Select(match => match.Groups.Values.Skip(1)
            .Select(group => double.Parse(group.Value, CultureInfo.InvariantCulture)).ToArray())];
        Assert.True(found.Count > 0, $"{pattern} is not in:\n{text}");
        return found;
    }

    /// <summary>The 95 % interval of Clopper and Pearson: at each end one of the tails of the binomial distribution has 2.5 %.</summary>
    private static (double Low, double High) ExactInterval(int part, int whole)
    {
        double AtMost(int count, double share)
        {
            var (sum, choose) = (0.0, 0.0);
            for (var i = 0; i <= count; i++)
            {
                sum += Math.Exp(choose + i * Math.Log(share) + (whole - i) * Math.Log(1 - share));
                choose += Math.Log((double)(whole - i) / (i + 1));
            }

            return sum;
        }

        double Where(Func<double, bool> isBelow)
        {
            var (low, high) = (0.0, 1.0);
            for (var i = 0; i < 50; i++)
                (low, high) = isBelow((low + high) / 2) ? ((low + high) / 2, high) : (low, (low + high) / 2);
            return low;
        }

        return (part == 0 ? 0 : Where(share => 1 - AtMost(part - 1, share) < .025),
            part == whole ? 1 : Where(share => AtMost(part, share) > .025));
    }

    [GeneratedRegex(@"\| \[(.*?)\]\(")]
    private static partial Regex NameInTable();

    [GeneratedRegex("What gives it away: (.*)")]
    private static partial Regex TermList();

    [GeneratedRegex(@"(?m)^(\d+) (\{.*\})")]
    private static partial Regex AnswerLine();

    private sealed class Machine
    {
        public float Speed { get; set; }

        public float Torque { get; set; }

        public bool Label { get; set; }
    }

    private sealed class Verdict
    {
        public float Probability { get; set; }
    }
}
