using System.Globalization;
using FocalMlNet.Report.Tests.Content;
using Microsoft.ML;

namespace FocalMlNet.Report.Tests.Page;

/// <summary>What the page says follows what the reader does, and is right.</summary>
public class DecisionTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task The_slider_moves_the_counts_to_those_of_a_step()
    {
        var content = MadeUp.Content(models: 2);
        await using var open = await chromium.Open(content);
        foreach (var place in (double[])[0, 130, 500, 777, 1000])
        {
            await open.Page.EvalOnSelectorAsync("#slider", "(e, to) => { e.value = to; e.dispatchEvent(new Event('input')); }", place);
            var step = await StepOf(open, content.Models[0]);
            await HasCounts(open, content, step);
        }

        Assert.Empty(open.Messages);
    }

    [Fact]
    public async Task The_arrow_keys_move_the_slider_by_a_step_and_home_and_end_to_its_ends()
    {
        var content = MadeUp.Content(models: 1, rows: 600);
        var steps = content.Models[0].Steps;
        await using var open = await chromium.Open(content);
        await open.Page.FocusAsync("#slider");
        await open.Page.Keyboard.PressAsync("Home");
        await HasCounts(open, content, steps[^1]);
        await open.Page.Keyboard.PressAsync("End");
        await HasCounts(open, content, steps[0]);
        for (var i = 1; i < 6; i++)
        {
            await open.Page.Keyboard.PressAsync("ArrowLeft");
            await HasCounts(open, content, steps[i]);
        }

        await open.Page.Keyboard.PressAsync("ArrowRight");
        await HasCounts(open, content, steps[4]);
        var told = await open.Page.GetAttributeAsync("#slider", "aria-valuetext");
        Assert.Contains(Shown(steps[4].Threshold), told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cost_interval_and_gain_follow_the_costs_that_are_typed()
    {
        var content = MadeUp.Content(models: 1, rows: 3000);
        await using var open = await chromium.Open(content);
        var step = content.Models[0].Steps[content.Models[0].Steps.Count / 20];
        await Type(open, "threshold", Shown(step.Threshold));
        foreach (var (fn, fp, tp, tn) in new[] { (20.0, 1.0, 0.0, 0.0), (500, 2.5, -1, 0), (3, 1, 40, .01) })
        {
            foreach (var (id, value) in new[] { ("fn", fn), ("fp", fp), ("tp", tp), ("tn", tn) })
                await open.Page.FillAsync($"#cost-{id}", value.ToString(CultureInfo.InvariantCulture));
            var counts = Array.ConvertAll(Counts(content, step), count => (int)count);
            var cost = CostIntervals.Of(counts, [-tp, fp, fn, -tn]);
            var nothing = 1000 / (double)content.Rows * (content.Positives * fn - content.Negatives * tn);
            var saved = CostIntervals.Of(counts, [fn + tp, -fp - tn, 0, 0]);
            Assert.Equal(cost.Value < 0 ? "Expected gain from 1,000 rows" : "Expected cost of 1,000 rows", await open.Text("cost-label"));
            Near(Math.Abs(cost.Value), (await open.Text("cost")).Trim());
            var ends = Numbers(await open.Text("cost-interval"));
            double[] expected = cost.Value < 0 ? [-cost.High, -cost.Low] : [cost.Low, cost.High];
            Near(expected[0], ends[0]);
            Near(expected[1], ends[1]);
            var words = Numbers(await open.Text("saved"));
            Near(nothing, words[0]);
            Near(saved.Value, words[1]);
            Near(saved.Low, words[2]);
            Near(saved.High, words[3]);
        }
    }

    [Fact]
    public async Task The_button_goes_to_the_lowest_cost_also_when_the_costs_are_changed()
    {
        var content = MadeUp.Content(models: 2);
        await using var open = await chromium.Open(content);
        foreach (var (missed, right) in new[] { (20.0, 0.0), (300, 0), (1.5, 0), (2, 90), (40, -38) })
        {
            await open.Page.FillAsync("#cost-fn", missed.ToString(CultureInfo.InvariantCulture));
            await open.Page.FillAsync("#cost-tp", right.ToString(CultureInfo.InvariantCulture));
            await open.Page.ClickAsync("#lowest");
            var best = content.Models[0].Steps.MinBy(
                s => missed * (content.Positives - s.TruePositives) - right * s.TruePositives + s.FalsePositives)!;
            await HasCounts(open, content, best);
        }
    }

    [Fact]
    public async Task A_policy_is_a_button_that_goes_to_its_threshold()
    {
        var content = MadeUp.Content(models: 2);
        await using var open = await chromium.Open(content);
        var policies = content.Models[0].Policies;
        foreach (var policy in policies)
        {
            var button = open.Page.Locator("#policies button", new() { HasText = policy.Name });
            await button.ClickAsync();
            await HasCounts(open, content, content.Models[0].Steps[policy.Step]);
            Assert.Equal("true", await button.GetAttributeAsync("aria-pressed"));
        }
    }

    [Fact]
    public async Task Another_model_is_picked_by_the_list_and_by_its_name_in_the_legend()
    {
        var content = MadeUp.Content(models: 3);
        await using var open = await chromium.Open(content);
        await open.Page.SelectOptionAsync("#model", "2");
        await HasCounts(open, content, await StepOf(open, content.Models[2]));
        Assert.True(await open.Page.Locator("#scores-3").IsVisibleAsync());
        Assert.False(await open.Page.Locator("#scores-1").IsVisibleAsync());
        Assert.True(await open.Page.Locator("#roc .band.m2").IsVisibleAsync());
        Assert.False(await open.Page.Locator("#roc .band.m0").IsVisibleAsync());
        await open.Page.Locator("#legend button").Nth(1).ClickAsync();
        Assert.Equal("1", await open.Page.InputValueAsync("#model"));
        await HasCounts(open, content, await StepOf(open, content.Models[1]));
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("")]
    [InlineData("1e99")]
    [InlineData("12,5")]
    public async Task What_is_no_number_is_named_and_changes_nothing(string typed)
    {
        var content = MadeUp.Content(models: 1, rows: 600);
        await using var open = await chromium.Open(content);
        var before = (await open.Text("cost"), await open.Text("tp"));
        await open.Page.FillAsync("#cost-fn", typed);
        Assert.Contains("20 is still used", await open.Text("cost-fn-problem"), StringComparison.Ordinal);
        await Type(open, "threshold", typed);
        Assert.Contains("still", await open.Text("threshold-note"), StringComparison.Ordinal);
        Assert.Equal("true", await open.Page.GetAttributeAsync("#threshold", "aria-invalid"));
        Assert.Equal(before, (await open.Text("cost"), await open.Text("tp")));
        await open.Page.FillAsync("#cost-fn", "21");
        Assert.Equal("", await open.Text("cost-fn-problem"));
    }

    [Fact]
    public async Task A_threshold_between_two_steps_is_taken_to_the_nearest_and_the_page_says_so()
    {
        var content = MadeUp.Content(models: 1, rows: 600);
        var steps = content.Models[0].Steps;
        await using var open = await chromium.Open(content);
        await Type(open, "threshold", Shown(steps[7].Threshold + (steps[6].Threshold - steps[7].Threshold) / 20));
        await HasCounts(open, content, steps[7]);
        Assert.Contains("nearest", await open.Text("threshold-note"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_ring_on_the_curves_is_where_the_threshold_is()
    {
        var content = MadeUp.Content(models: 2);
        await using var open = await chromium.Open(content);
        var step = content.Models[0].Steps[40];
        await Type(open, "threshold", Shown(step.Threshold));
        var (recall, alerted) = (step.TruePositives / content.Positives, step.FalsePositives / content.Negatives);
        await RingIsAt(open, "roc", alerted, recall);
        await RingIsAt(open, "precision-recall", recall, step.TruePositives / (step.TruePositives + step.FalsePositives));
    }

    [Fact]
    public async Task The_counts_are_those_of_the_model_with_the_threshold()
    {
        var catalog = DrawnRows.MlContext.BinaryClassification;
        var train = DrawnRows.View(DrawnRows.Of(2000, .1, 1));
        var model = DrawnRows.Features().Append(catalog.Trainers.FocalSgd()).Fit(train);
        var test = DrawnRows.View(DrawnRows.Of(4000, .03, 2));
        var content = DrawnRows.Content(DrawnRows.Compare(test, [("Focal", model)]));
        await using var open = await chromium.Open(content);
        foreach (var typed in content.Models[0].Steps.Where((_, i) => i % 101 == 3).Select(s => Shown(s.Threshold)))
        {
            await Type(open, "threshold", typed);
            var moved = catalog.WithThreshold(model, double.Parse(typed, CultureInfo.InvariantCulture));
            var counts = DrawnRows.Counts(moved.Transform(test));
            await HasCounts(open, content, new(0, counts.TruePositives, counts.FalsePositives));
            // The exact interval of recall is that of the evaluation, too.
            var recall = CostIntervals.Exact((int)counts.TruePositives, (int)content.Positives);
            var shown = Numbers(await open.Text("recall-interval"));
            Assert.Equal(100 * recall.Low, Parsed(shown[0]), .051);
            Assert.Equal(100 * recall.High, Parsed(shown[1]), .051);
        }

        Assert.Empty(open.Messages);
    }

    private static async Task Type(OpenPage open, string id, string text)
    {
        await open.Page.FillAsync($"#{id}", text);
        await open.Page.Keyboard.PressAsync("Enter");
    }

    private static async Task<StepContent> StepOf(OpenPage open, ModelContent model)
    {
        var threshold = float.Parse(await open.Page.InputValueAsync("#threshold"), CultureInfo.InvariantCulture);
        return model.Steps.Single(step => step.Threshold == threshold);
    }

    private static double[] Counts(ReportContent content, StepContent step)
        => [step.TruePositives, step.FalsePositives, content.Positives - step.TruePositives, content.Negatives - step.FalsePositives];

    private static async Task HasCounts(OpenPage open, ReportContent content, StepContent step)
    {
        var expected = Counts(content, step);
        string[] ids = ["tp", "fp", "fn", "tn"];
        for (var i = 0; i < ids.Length; i++)
            Assert.Equal(expected[i], Parsed((await open.Text(ids[i])).Trim()));
        var recall = (await open.Text("recall")).Replace("%", "", StringComparison.Ordinal).Trim();
        Assert.Equal(100 * step.TruePositives / content.Positives, Parsed(recall), .051);
        Assert.Equal(1000 * (step.TruePositives + step.FalsePositives) / content.Rows, Parsed(await open.Text("alerts")), .51);
    }

    private static async Task RingIsAt(OpenPage open, string picture, double x, double y)
    {
        var ring = open.Page.Locator($"#{picture} circle.now");
        var area = (await open.Page.Locator($"#{picture} svg").First.GetAttributeAsync("data-area"))!.Split(' ').Select(Parsed).ToArray();
        Assert.Equal(area[0] + x * area[2], Parsed((await ring.GetAttributeAsync("cx"))!), .01);
        Assert.Equal(area[1] + (1 - y) * area[3], Parsed((await ring.GetAttributeAsync("cy"))!), .01);
    }

    private static string[] Numbers(string text)
        => [.. System.Text.RegularExpressions.Regex.Matches(text, @"[−-]?\d[\d,]*(\.\d+)?").Select(match => match.Value)];

    private static double Parsed(string text)
        => double.Parse(text.Replace('−', '-').Replace(",", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);

    /// <summary>Three digits are shown.</summary>
    private static void Near(double expected, string shown)
        => Assert.Equal(expected, Parsed(shown), Math.Max(.006 * Math.Abs(expected), 1e-9));

    private static string Shown(float threshold) => threshold.ToString("R", CultureInfo.InvariantCulture);
}
