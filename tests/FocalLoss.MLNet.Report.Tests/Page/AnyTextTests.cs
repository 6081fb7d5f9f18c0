using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace FocalMlNet.Report.Tests.Page;

/// <summary>Names that others have given are text in the page, whatever they are.</summary>
public class AnyTextTests(Chromium chromium) : IClassFixture<Chromium>
{
    public static readonly TheoryData<string> Names =
    [
        "<script>document.title='taken'</script>",
        "</script><script>document.title='taken'</script><!--",
        "\"'><img src=x onerror=\"document.title='taken'\">",
        "&lt;b&gt; &amp; {{7*7}} ${7*7} `",
        "שלום עולם עם שם",
        "tab\tline\nnull\0escape\u001b",
        "turned \u202Eesrever\u2066",
        "lone \uD800 surrogate \uDC00",
        "𝛾 and 👩‍🔬 and e\u0301",
        "",
        "]]> \u2028 \u2029",
        "]}\" <a:b xlink:href=\"javascript:1\">",
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_name_is_shown_as_text_everywhere(string name)
    {
        var content = Named(name);
        await using var open = await chromium.Open(content);
        Assert.Empty(open.Messages);
        Assert.NotEqual("taken", await open.Page.TitleAsync());
        const string made = "img, a:not(.skip), b:not(#policies b):not(.readout b), script:not(#data):not(:last-of-type)";
        Assert.Equal(0, await open.Page.Locator(made).CountAsync());
        var shown = PlainText.Short(name);
        Assert.Equal(shown, await open.Value("document.querySelector('#legend bdi').textContent"));
        Assert.Equal(shown, await open.Value("document.querySelector('#model').options[0].textContent"));
        Assert.Equal(shown, await open.Value("document.querySelector('#features tbody bdi').textContent"));
        Assert.Equal(shown, await open.Value("JSON.parse(document.getElementById('data').textContent).models[0].name"));
        await open.Page.FocusAsync("#roc .plot");
        var read = await open.Value("document.getElementById('readout-roc').textContent");
        Assert.Contains(shown.Trim(), read, StringComparison.Ordinal);
        var lead = await open.Value("document.querySelector('.lead').textContent");
        Assert.StartsWith(name.Length == 0 ? "“”" : $"“{shown}”", lead, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_name_is_text_in_every_picture_file(string name)
    {
        foreach (var (file, svg) in Report.Pictures.Of(Named(name)))
        {
            var document = System.Xml.Linq.XDocument.Parse(svg);
            Assert.DoesNotContain(document.Descendants(), e => e.Name.LocalName is "script" or "img" or "b" or "a");
            if (file is "roc")
                Assert.Contains(document.Descendants(), e => e.Name.LocalName is "text" && e.Value == PlainText.Short(name));
        }
    }

    [Fact]
    public async Task A_name_of_ten_thousand_characters_is_shortened_and_stands_in_full_once()
    {
        var name = string.Concat(Enumerable.Range(0, 2000).Select(i => $"{i:0000} "));
        var content = Named(name);
        await using var open = await chromium.Open(content, new() { ViewportSize = new() { Width = 360, Height = 800 } });
        Assert.Equal(0, await open.Page.EvaluateAsync<int>("Math.max(0, document.documentElement.scrollWidth - innerWidth)"));
        Assert.True(await open.Page.EvaluateAsync<int>("document.documentElement.scrollHeight") < 14_000);
        Assert.Equal(name, await open.Value("document.querySelector('#provenance details li').textContent"));
        Assert.Equal(name, await open.Value("document.querySelector('#legend bdi').title"));
        Assert.Equal(60, (await open.Value("document.querySelector('#legend bdi').textContent")).Length);
    }

    [Theory]
    [InlineData("tab\tline\nnull\0escape\u001b", "tab␉line␊null␀escape␛")]
    [InlineData("turned \u202Eesrever\u2066", "turned [U+202E]esrever[U+2066]")]
    [InlineData("\u0085\u2028\u007f", "[U+0085][U+2028]␡")]
    [InlineData("", "(no name)")]
    [InlineData("שלום 👍 <b>", "שלום 👍 <b>")]
    public void What_cannot_be_shown_is_made_visible(string text, string shown) => Assert.Equal(shown, PlainText.Of(text));

    [Fact]
    public void Half_a_character_is_shown_as_one_that_is_not_known()
        => Assert.Equal("lone \uFFFD surrogate \uFFFD", PlainText.Of("lone \uD800 surrogate \uDC00"));

    [Fact]
    public void Shortened_text_is_cut_between_characters()
    {
        for (var length = 4; length < 40; length++)
        {
            var cut = PlainText.Short(string.Concat(Enumerable.Repeat("👍", 100)), length);
            Assert.DoesNotContain(cut.EnumerateRunes(), rune => rune == Rune.ReplacementChar);
            Assert.True(cut.Length <= length);
        }
    }

    [Fact]
    public void The_page_is_the_same_in_a_country_with_decimal_commas()
    {
        var content = MadeUp.Content(models: 2, rows: 500);
        var (page, pictures) = (Report.Page.Html(content), Report.Pictures.Of(content).ToList());
        var before = CultureInfo.CurrentCulture;
        var commas = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        commas.NumberFormat.NumberDecimalSeparator = ",";
        commas.NumberFormat.NumberGroupSeparator = ".";
        commas.NumberFormat.NegativeSign = "~";
        try
        {
            CultureInfo.CurrentCulture = commas;
            Assert.Equal(page, Report.Page.Html(content));
            Assert.Equal(pictures, Report.Pictures.Of(content).ToList());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Nothing_has_a_style_of_its_own_or_a_handler_and_identifiers_are_given_once()
    {
        var html = Report.Page.Html(MadeUp.Content(models: 5));
        Assert.DoesNotMatch(@"<[^<>]*\s(style|on[a-z]+)=", html);
        var ids = Regex.Matches(html, "\\sid=\"([^\"]+)\"").Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(ids.Distinct().Count(), ids.Count);
    }

    private static ReportContent Named(string name)
    {
        var content = MadeUp.Content(models: 2, rows: 400);
        return content with
        {
            Title = name,
            Answer = [$"“{name}” is the model.", .. content.Answer],
            Worries = [$"“{name}” may leak."],
            Models = [content.Models[0] with { Name = name, Policies = [new(name, 3)] }, content.Models[1]],
            Features = new($"Weights of {name}", [new(name, 1), new("other", -.5)], 0),
            HardestRows = new(["row", name], [["1", name]]),
            Provenance = [new(name, name)],
        };
    }
}
