using System.Text.Json.Nodes;
using DnsFlow.FunctionalTests.Tools;
using DnsFlow.TestKit;

namespace DnsFlow.FunctionalTests.Encryption;

/// <summary>A real browser that finds a page by DNS over HTTPS alone: only the proxy knows the name, and whoever does not know the proxy's key finds nothing.</summary>
public sealed class BrowserTests
{
    private const string Page = "<p>found by HTTPS</p>", Name = "web.home.test";

    [ToolFact("chromium")]
    public async Task Chromium_WithATemplate_ShowsThePage()
    {
        await using var proxy = await StartAsync();
        foreach (var template in (string[])["/dns-query", "/dns-query{?dns}"])      // POST and GET
        {
            Assert.Contains(Page, await ShowAsync(proxy, template, Pin(proxy)), StringComparison.Ordinal);
        }

        var queries = proxy.Server.LastQueries(1_000)!.Select(static line => JsonNode.Parse(line)!).ToList();
        Assert.All(queries, static query => Assert.Equal("https", (string?)query["transport"]));
        Assert.True(queries.Count(static query => (string?)query["name"] == Name + "." && (string?)query["type"] == "A" && (string?)query["outcome"] == "local") >= 2);
        Assert.True(proxy.Stats.Queries.ByOutcome["local"] >= 2);
        Assert.True(proxy.Stats.Flows.ByTransport["https"] >= 2);
    }

    [ToolFact("chromium")]
    public async Task Chromium_WithAnotherKey_AsksNothing()
    {
        await using var proxy = await StartAsync();
        Assert.DoesNotContain(Page, await ShowAsync(proxy, "/dns-query", Convert.ToBase64String(new byte[32])), StringComparison.Ordinal);
        Assert.True(proxy.Stats.Flows.ByTransport["https"] > 0);
        Assert.Equal(0, proxy.Stats.Queries.Total);
    }

    private static Task<ProxyHarness> StartAsync() => ProxyHarness.StartAsync(
        """ "Stats": { "QueryLog": { "Sink": "memory" } } """, zone: EncryptedProxy.Zone + "\nweb A 127.0.0.1\n",
        listener: """{ "Endpoints": ["https://127.0.0.1:0/dns-query"], "SelfSigned": true }""");

    private static string Pin(ProxyHarness proxy) => proxy.Server.Describe().Certificates[0].Pin;

    // What the browser made of the page, among what it has to say. Nothing but the page is to be fetched: the flags turn off what browsers do unasked.
    private static async Task<string> ShowAsync(ProxyHarness proxy, string template, string pin)
    {
        using var page = new WebPage(Page);
        var home = Directory.CreateDirectory(Path.Combine(proxy.Folder, Path.GetRandomFileName())).FullName;
        await File.WriteAllTextAsync(Path.Combine(home, "Local State"), $$"""
            { "dns_over_https": { "mode": "secure", "templates": "https://localhost:{{proxy.Endpoint.Port}}{{template}}" } }
            """);
        using var browser = ToolProcess.Start(
            "chromium",
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", $"--user-data-dir={home}", $"--ignore-certificate-errors-spki-list={pin}", "--dump-dom", $"http://{Name}:{page.Port}/",
            ],
            new Dictionary<string, string> { ["HOME"] = home, ["XDG_RUNTIME_DIR"] = home });
        Assert.Equal(0, await browser.ExitAsync());
        return browser.Output;
    }
}
