using Microsoft.Playwright;

namespace FocalMlNet.Report.Tests.Page;

/// <summary>The system's Chromium, started once for the tests; where there is none they are skipped.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
    private IPlaywright? _driver;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (Places.FirstOrDefault(File.Exists) is not { } program)
            return;
        _driver = await Playwright.CreateAsync();
        _browser = await _driver.Chromium.LaunchAsync(new() { ExecutablePath = program, Args = ["--no-sandbox", "--disable-gpu"] });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.CloseAsync();
        _driver?.Dispose();
    }

    /// <summary>Opens the page of a content, which is written to a file.</summary>
    internal async Task<OpenPage> Open(ReportContent content, BrowserNewContextOptions? options = null)
        => await Open(Report.Page.Html(content), options);

    internal async Task<OpenPage> Open(string html, BrowserNewContextOptions? options = null)
    {
        Assert.SkipWhen(_browser is null, $"Chromium is not installed: none of {string.Join(", ", Places)} is there.");
        var context = await _browser!.NewContextAsync(options ?? new() { ViewportSize = new() { Width = 1200, Height = 900 } });
        var file = Path.Combine(Directory.CreateTempSubdirectory("page").FullName, "report.html");
        await File.WriteAllTextAsync(file, html);
        var page = await context.NewPageAsync();
        OpenPage open = new(page, file);
        page.Console += (_, message) => open.Messages.Add(message.Text);
        page.PageError += (_, error) => open.Messages.Add(error);
        page.RequestFinished += (_, request) => open.Loaded.Add(request.Url);
        page.Request += (_, request) => open.Requests.Add(request.Url);
        await page.GotoAsync(new Uri(file).AbsoluteUri);
        return open;
    }
}

/// <summary>A page that is open, and what it has said and asked for.</summary>
internal sealed class OpenPage(IPage page, string file) : IAsyncDisposable
{
    public IPage Page => page;

    public string File => file;

    public List<string> Messages { get; } = [];

    public List<string> Requests { get; } = [];

    public List<string> Loaded { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await page.Context.CloseAsync();
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    /// <summary>What an expression of the page's script is.</summary>
    public Task<string> Value(string expression) => page.EvaluateAsync<string>(expression);

    public Task<string> Text(string id) => page.Locator($"#{id}").InnerTextAsync();
}
