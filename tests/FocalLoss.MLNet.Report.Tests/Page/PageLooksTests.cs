using System.Globalization;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace FocalMlNet.Report.Tests.Page;

/// <summary>The page in a browser, as readers with various eyes and screens have it.</summary>
public class PageLooksTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task Nothing_is_said_nothing_is_loaded_and_every_picture_is_there()
    {
        await using var open = await chromium.Open(MadeUp.Content());
        await open.Page.WaitForTimeoutAsync(700);
        Assert.Empty(open.Messages);
        Assert.Equal([new Uri(open.File).AbsoluteUri], open.Requests);
        foreach (var name in (string[])["precision-recall", "roc", "gain", "reliability", "scores-1", "loss-share"])
        {
            var box = await open.Page.Locator($"#{name} .plot svg").BoundingBoxAsync();
            Assert.True(box is { Width: > 200, Height: > 120 }, name);
            Assert.True(await open.Page.Locator($"#{name} .plot svg :is(polyline, rect, polygon)").CountAsync() > 5, name);
        }

        Assert.True(await open.Page.Locator("#cost-picture path.curve").CountAsync() == 1);
    }

    [Fact]
    public async Task The_page_loads_nothing_even_if_it_is_asked_to()
    {
        // A page with a name that is markup, if it were taken for it, and with the escaping taken away by hand.
        var html = Report.Page.Html(MadeUp.Content(models: 1, rows: 500)).Replace(
            "<main", "<img src=\"https://example.org/a.png\"><script>document.title = 'taken'</script><main", StringComparison.Ordinal);
        await using var open = await chromium.Open(html);
        Assert.NotEqual("taken", await open.Page.TitleAsync());
        Assert.Equal([new Uri(open.File).AbsoluteUri], open.Loaded);
        Assert.Contains(open.Messages, message => message.Contains("Content Security Policy", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(360)]
    [InlineData(700)]
    [InlineData(1200)]
    public async Task There_is_no_scrolling_sideways(int width)
    {
        var content = MadeUp.Content(models: 5);
        content = content with { Models = [.. content.Models.Select(m => m with { Name = m.Name + new string('x', 300) })] };
        await using var open = await chromium.Open(content, new() { ViewportSize = new() { Width = width, Height = 800 } });
        Assert.Equal(0, await open.Page.EvaluateAsync<int>("Math.max(0, document.documentElement.scrollWidth - innerWidth)"));
        // Text in pictures can be read.
        var least = await open.Page.EvaluateAsync<double>("""
            Math.min(...[...document.querySelectorAll('.plot svg text')].filter(t => t.getBoundingClientRect().width > 0).map(t => {
              const svg = t.closest('svg');
              return parseFloat(getComputedStyle(t).fontSize) * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width; }))
            """);
        Assert.True(least >= 9.5, $"{least}");
    }

    [Fact]
    public async Task Dark_and_light_and_print_have_their_own_grounds()
    {
        var content = MadeUp.Content(models: 1, rows: 500);
        await using var dark = await chromium.Open(content, new() { ColorScheme = ColorScheme.Dark });
        await using var light = await chromium.Open(content, new() { ColorScheme = ColorScheme.Light });
        Assert.Equal("rgb(20, 23, 26)", await Ground(dark));
        Assert.Equal("rgb(255, 255, 255)", await Ground(light));
        Assert.NotEqual(await LineColour(dark), await LineColour(light));
        await dark.Page.EmulateMediaAsync(new() { Media = Media.Print, ColorScheme = ColorScheme.Dark });
        Assert.Equal("rgb(255, 255, 255)", await Ground(dark));
        Assert.False(await dark.Page.Locator("#slider").IsVisibleAsync());
        Assert.True(await dark.Page.Locator("#roc svg").IsVisibleAsync());

        static Task<string> Ground(OpenPage open) => open.Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");

        static Task<string> LineColour(OpenPage open)
            => open.Page.EvaluateAsync<string>("getComputedStyle(document.querySelector('#roc polyline.m0')).stroke");
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1200)]
    [InlineData(ColorScheme.Dark, 1200)]
    [InlineData(ColorScheme.Light, 360)]
    public async Task An_accessibility_check_finds_nothing_serious(ColorScheme scheme, int width)
    {
        await using var open = await chromium.Open(
            MadeUp.Content(), new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = 900 } });
        var result = await open.Page.RunAxe();
        var serious = result.Violations.Where(v => v.Impact is "serious" or "critical" or "moderate")
            .Select(v => $"{v.Id}: {v.Help} {string.Join(" | ", v.Nodes.Take(3).Select(n => n.Html))}");
        Assert.Empty(serious);
        Assert.Contains(result.Passes, rule => rule.Id is "color-contrast");
    }

    [Theory]
    [InlineData(360)]
    [InlineData(1200)]
    public async Task The_thumb_of_the_slider_is_below_the_line_in_the_picture_of_the_cost(int width)
    {
        await using var open = await chromium.Open(
            MadeUp.Content(models: 1), new() { ViewportSize = new() { Width = width, Height = 800 } });
        var slider = await open.Page.Locator("#slider").BoundingBoxAsync();
        var line = await open.Page.Locator("#cost-picture .now-line").BoundingBoxAsync();
        var way = double.Parse(await open.Page.InputValueAsync("#slider"), CultureInfo.InvariantCulture) / 1000;
        // A thumb of 16 pixels moves by the width of the slider without its own.
        Assert.Equal(slider!.X + 8 + way * (slider.Width - 16), line!.X + line.Width / 2, 2.0);
    }

    [Fact]
    public async Task All_can_be_reached_with_the_tab_key_and_is_seen_to_have_the_focus()
    {
        await using var open = await chromium.Open(MadeUp.Content(models: 2));
        List<string> reached = [];
        for (var i = 0; i < 60; i++)
        {
            await open.Page.Keyboard.PressAsync("Tab");
            reached.Add(await open.Value("""
                (e => (e.id || (e.parentElement || e).id || e.className || e.tagName)
                  + (getComputedStyle(e).outlineStyle === 'none' ? ' unseen' : ''))(document.activeElement)
                """));
        }

        foreach (var id in (string[])["skip", "cost-fn", "cost-tn", "model", "slider", "threshold", "lowest", "policies", "roc"])
            Assert.Contains(id, reached);
        // After the last one the browser itself has the focus.
        Assert.All(reached, id => Assert.True(id is "BODY unseen" || !id.EndsWith(" unseen", StringComparison.Ordinal), id));
    }

    [Fact]
    public async Task A_picture_with_the_focus_reads_values_with_the_arrow_keys_and_the_pointer()
    {
        var content = MadeUp.Content(models: 2);
        await using var open = await chromium.Open(content);
        await open.Page.FocusAsync("#roc .plot");
        await open.Page.Keyboard.PressAsync("End");
        Assert.Contains($"{content.Models[1].Name} 100 %", await open.Text("readout-roc"), StringComparison.Ordinal);
        await open.Page.Locator("#precision-recall svg").HoverAsync();
        Assert.Contains("At recall", await open.Text("readout-precision-recall"), StringComparison.Ordinal);
        await open.Page.Locator("#reliability svg").HoverAsync();
        Assert.Contains("rows", await open.Text("readout-reliability"), StringComparison.Ordinal);
        Assert.Empty(open.Messages);
    }

    [Fact]
    public async Task The_outcome_is_told_to_those_who_do_not_see_it()
    {
        await using var open = await chromium.Open(MadeUp.Content(models: 1));
        await open.Page.ClickAsync("#lowest");
        await Assertions.Expect(open.Page.Locator("#status")).ToContainTextAsync("missed");
        Assert.Equal("polite", await open.Page.GetAttributeAsync("#status", "aria-live"));
        var levels = await open.Page.EvaluateAsync<int[]>("[...document.querySelectorAll('h1,h2,h3')].map(h => Number(h.tagName[1]))");
        Assert.Equal(1, levels[0]);
        Assert.All(levels.Zip(levels.Skip(1)), pair => Assert.True(pair.Second <= pair.First + 1));
    }

    [Fact]
    public async Task A_page_without_scripts_has_the_answer_the_pictures_and_the_tables()
    {
        await using var open = await chromium.Open(MadeUp.Content(models: 1, rows: 500), new() { JavaScriptEnabled = false });
        Assert.True(await open.Page.Locator("#roc svg").IsVisibleAsync());
        Assert.Contains("needs JavaScript", await open.Page.Locator("#decision").InnerTextAsync(), StringComparison.Ordinal);
    }
}
