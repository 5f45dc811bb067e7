using System.Text;
using System.Text.RegularExpressions;
using DnsFlow.FunctionalTests.Tools;
using DnsFlow.Server;
using DnsFlow.Settings;
using Microsoft.Extensions.Configuration;

namespace DnsFlow.FunctionalTests.Encryption;

/// <summary>The examples of docs/encryption.md do what the page says.</summary>
public sealed partial class EncryptionDocsTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Root(), "docs", "encryption.md"));

    [ToolFact("kdig", "curl")]
    public async Task Examples_OfClients_PrintWhatThePageShows()
    {
        await using var proxy = await EncryptedProxy.StartAsync();
        var examples = Console().Matches(Page).Select(match => match.Value).Where(block => block.StartsWith("$ kdig", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(examples);
        foreach (var lines in examples.Select(block => block.TrimEnd().Split('\n')))
        {
            for (var i = 0; i < lines.Length; i += 2)
            {
                var command = lines[i][2..].Replace("8853", $"{proxy.Tls().Port}").Replace("8443", $"{proxy.Https().Port}");
                var (code, output) = await ToolProcess.RunAsync("bash", "-c", $"cd '{proxy.Folder}' && {command}");
                Assert.True(code == 0 && output.Contains(lines[i + 1], StringComparison.Ordinal), $"{command}\n{output}");
            }
        }
    }

    [Fact]
    public void Examples_OfConfiguration_AreRight()
    {
        var json = Json().Match(Page).Value;
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();
        var errors = new SettingsErrors();
        Assert.True(ProxyOptions.TryRead(configuration, out var options, errors, configuration), errors.ToString());
        Assert.Equal(2, options.Listeners["secure"].Endpoints.Count);
    }

    [ToolFact("dnsperf")]
    public async Task Dnsperf_BothTransports_LosesNothing()
    {
        await using var proxy = await EncryptedProxy.StartAsync();
        var queries = Path.Combine(proxy.Folder, "queries");
        await File.WriteAllTextAsync(queries, "a.home.test A\nns.home.test A\n");
        var dot = await ToolProcess.RunAsync("dnsperf", "-m", "dot", "-s", "127.0.0.1", "-p", $"{proxy.Tls().Port}", "-d", queries, "-n", "500", "-c", "2");
        Assert.Contains("Queries completed:    1000 (100.00%)", dot.Output);
        var doh = await ToolProcess.RunAsync(
            "dnsperf", "-m", "doh", "-O", "doh-uri=https://localhost/dns-query", "-s", "127.0.0.1", "-p", $"{proxy.Https().Port}", "-d", queries, "-n", "500", "-c", "2");
        Assert.Contains("Queries completed:    1000 (100.00%)", doh.Output);
        Assert.Equal(2_000, proxy.Stats.Queries.Total);
    }

    [ToolFact("kdig")]
    public async Task Kdig_Padded_GetsABlock()
    {
        await using var proxy = await EncryptedProxy.StartAsync();
        var (_, output) = await ToolProcess.RunAsync("kdig", "+tls", "+padding", "@127.0.0.1", "-p", $"{proxy.Tls().Port}", "a.home.test");
        Assert.Contains("Received 468 B", output);
        Assert.Contains("192.0.2.7", output);
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "README.md")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }

    [GeneratedRegex(@"(?<=```console\n)[^`]+(?=```)")]
    private static partial Regex Console();

    [GeneratedRegex(@"(?<=```json\n)[^`]+(?=```)")]
    private static partial Regex Json();
}
