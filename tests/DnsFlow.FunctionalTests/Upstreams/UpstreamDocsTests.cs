using System.Text;
using System.Text.RegularExpressions;
using DnsFlow.FunctionalTests.Tools;
using DnsFlow.Server;
using DnsFlow.TestKit;
using DnsFlow.Transports.Tls;
using DnsFlow.Upstreams;
using Microsoft.Extensions.Configuration;

namespace DnsFlow.FunctionalTests.Upstreams;

/// <summary>The examples of docs/upstreams.md do what the page says.</summary>
public sealed partial class UpstreamDocsTests
{
    private static readonly string s_page = File.ReadAllText(Path.Combine(Root(), "docs", "upstreams.md"));

    [Fact]
    public void Configurations_AreRight()
    {
        var blocks = Block().Matches(s_page).Select(match => match.Groups[1].Value).Select(static block => block.StartsWith('{') ? block : $$"""{ "DnsFlow": { {{block}} } }""").ToList();
        Assert.True(blocks.Count >= 2);
        foreach (var block in blocks)
        {
            var root = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(block))).Build();
            Assert.All(ProxyConfiguration.Check(root, Root(), root), error => Assert.Contains("no query rule forwards to", error.ToString(), StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Servers_OfTheTable_AreReadAsThePageSays()
    {
        var rows = s_page.Split('\n').SkipWhile(line => line != "| written | asked |").Skip(2).TakeWhile(line => line.StartsWith('|')).ToList();
        Assert.Equal(10, rows.Count);
        foreach (var row in rows)
        {
            var cells = row.Split('|', StringSplitOptions.TrimEntries);
            foreach (var server in Code().Matches(cells[1]).Select(match => match.Groups[1].Value))
            {
                Assert.True(UpstreamAddress.TryParse(server, out var address, out var error), $"{server} {error}");
                Assert.Equal(cells[2].Contains("TLS", StringComparison.Ordinal) || server.StartsWith("tls", StringComparison.Ordinal), address.Scheme == "tls");
            }
        }
    }

    [ToolFact("openssl", "bash")]
    public async Task Pin_ByTheCommandOfThePage_IsOurs()
    {
        var command = Regex.Match(s_page, @"\$ (openssl x509[^\n]+)").Groups[1].Value;
        var folder = Directory.CreateTempSubdirectory("dnsflow-pin").FullName;
        try
        {
            using var authority = new TestAuthority();
            using var certificate = authority.Issue("dns.test");
            TestAuthority.Write(folder, "server", certificate);
            var (code, output) = await ToolProcess.RunAsync("bash", "-c", $"cd '{folder}' && {command}");
            Assert.Equal((0, TlsTrust.PinOf(certificate)), (code, "sha256/" + output.Trim()));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
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

    [GeneratedRegex(@"```jsonc?\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
