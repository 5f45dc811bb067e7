using DnsFlow.FunctionalTests.Tools;
using DnsFlow.Protocol;
using DnsFlow.TestKit;

namespace DnsFlow.FunctionalTests.Encryption;

/// <summary>RFC 9462: a client that looks for encryption finds ours.</summary>
public sealed class DesignatedResolverTests
{
    [ToolFact("dig")]
    public async Task Svcb_WithCertificate_IsOurOwnAddresses()
    {
        var (certificate, key) = TestCertificates.Make("dns.example.net");
        await using var proxy = await EncryptedProxy.StartAsync(
            """ "Certificate": "tls.pem" """, files: new Dictionary<string, string> { ["tls.pem"] = certificate + "\n" + key });
        var lines = await DigAsync(proxy);
        Assert.Equal(
            [
                $"1 dns.example.net. alpn=\"dot\" port={proxy.Tls().Port} ipv4hint=127.0.0.1",
                $"2 dns.example.net. alpn=\"h2\" port={proxy.Https().Port} ipv4hint=127.0.0.1 key7=\"/dns-query{{?dns}}\"",
            ],
            lines.Select(static line => line.Replace("dohpath=", "key7=", StringComparison.Ordinal)).Order());
    }

    [ToolFact("dig")]
    public async Task Svcb_OthersCanAskToo_LoopbackIsNotNamed()
    {
        var (certificate, key) = TestCertificates.Make("dns.example.net");
        await using var proxy = await ProxyHarness.StartAsync(
            "", zone: EncryptedProxy.Zone, files: new Dictionary<string, string> { ["tls.pem"] = certificate + "\n" + key },
            listener: """{ "Endpoints": ["0.0.0.0:0", "tls://0.0.0.0:0", "tls://127.0.0.1:0"], "Certificate": "tls.pem" }""");
        Assert.Equal([$"1 dns.example.net. alpn=\"dot\" port={proxy.Endpoints.ElementAt(1).Port}"], await DigAsync(proxy));
    }

    [Fact]
    public async Task Svcb_WithoutCertificate_IsNoData()
    {
        await using var proxy = await ProxyHarness.StartAsync("", zone: EncryptedProxy.Zone);
        var header = Wire.Header(await proxy.AskAsync(Wire.Query("_dns.resolver.arpa", RecordType.SVCB)));
        Assert.Equal((ResponseCode.NoError, 0), (header.ResponseCode, header.AnswerCount));
    }

    [ToolFact("dig")]
    public async Task Svcb_CertificateIsRenewedForAnotherName_NamesThatOne()
    {
        var (first, firstKey) = TestCertificates.Make("one.example.net");
        var (second, secondKey) = TestCertificates.Make("two.example.net");
        var time = new ManualTimeProvider();
        await using var proxy = await EncryptedProxy.StartAsync(
            """ "Certificate": "tls.pem" """, time, files: new Dictionary<string, string> { ["tls.pem"] = first + "\n" + firstKey });
        Assert.All(await DigAsync(proxy), static line => Assert.Contains(" one.example.net. ", line, StringComparison.Ordinal));

        var file = Path.Combine(proxy.Folder, "tls.pem");
        await File.WriteAllTextAsync(file, second + "\n" + secondKey);
        File.SetLastWriteTimeUtc(file, File.GetLastWriteTimeUtc(file).AddMinutes(1));
        time.Advance(TimeSpan.FromSeconds(3));
        (await proxy.ConnectTlsAsync()).Dispose();      // files are looked at when somebody shakes hands
        Assert.All(await DigAsync(proxy), static line => Assert.Contains(" two.example.net. ", line, StringComparison.Ordinal));
    }

    private static async Task<string[]> DigAsync(ProxyHarness proxy)
    {
        var (code, output) = await ToolProcess.RunAsync("dig", "@127.0.0.1", "-p", $"{proxy.Endpoint.Port}", "_dns.resolver.arpa", "SVCB", "+short");
        Assert.True(code == 0, output);
        return output.Trim().Split('\n');
    }
}
