using DnsFlow.TestKit;

namespace DnsFlow.FunctionalTests.Encryption;

/// <summary>Encrypted addresses come, go and change while the proxy runs.</summary>
public sealed class EncryptionReloadTests
{
    [Fact]
    public async Task Reload_AddressesComeAndGo_WhoIsConnectedStaysServed()
    {
        await using var proxy = await EncryptedProxy.StartAsync();
        using var dot = await proxy.ConnectTlsAsync();
        using var http = proxy.Http();
        Assert.NotNull(await HttpsAddressAsync(http));

        var report = await proxy.ReloadAsync(Json(""" "Endpoints": ["127.0.0.1:0"] """));
        Assert.True(report.IsApplied, string.Join('\n', report.Errors));
        Assert.Equal(2, report.Listeners.Count(static change => change.StartsWith('-')));
        await dot.SendAsync(Wire.Query("a.home.test"));
        Assert.Equal("192.0.2.7", Wire.FirstAddress((await dot.ReceiveAsync())!));
        Assert.Equal("192.0.2.7", await HttpsAddressAsync(http));
        Assert.Single(proxy.Endpoints);

        report = await proxy.ReloadAsync(Json(""" "Endpoints": ["127.0.0.1:0", "tls://127.0.0.1:0", "https://127.0.0.1:0/other"], "SelfSigned": true """));
        Assert.True(report.IsApplied, string.Join('\n', report.Errors));
        Assert.Equal("192.0.2.7", await DotAddressAsync(proxy));
        using var other = proxy.Http();
        Assert.Equal("192.0.2.7", await HttpsAddressAsync(other, "/other"));
    }

    [Fact]
    public async Task Reload_AddressSpeaksSomethingElse_NewConnectionsDo()
    {
        await using var proxy = await EncryptedProxy.StartAsync();
        var (tls, https) = (proxy.Tls(), proxy.Https());
        var report = await proxy.ReloadAsync(Json($$""" "Endpoints": ["127.0.0.1:0", "https://{{tls}}", "tls://{{https}}"], "SelfSigned": true """));
        Assert.True(report.IsApplied, string.Join('\n', report.Errors));
        Assert.Equal((https, tls), (proxy.Endpoints.ElementAt(2), proxy.Endpoints.ElementAt(1)));
        using var client = await EncryptedProxy.ConnectTlsAsync(https);
        await client.SendAsync(Wire.Query("a.home.test"));
        Assert.Equal("192.0.2.7", Wire.FirstAddress((await client.ReceiveAsync())!));
        using var http = EncryptedProxy.Http(tls);
        Assert.Equal("192.0.2.7", await HttpsAddressAsync(http));
    }

    [Fact]
    public async Task Reload_OtherCertificate_NextHandshakeGetsItAndABadOneIsRefused()
    {
        var (first, firstKey) = TestCertificates.Make("one.test");
        var (second, secondKey) = TestCertificates.Make("two.test");
        await using var proxy = await EncryptedProxy.StartAsync(
            """ "Certificate": "one.pem" """, files: new Dictionary<string, string> { ["one.pem"] = $"{first}\n{firstKey}", ["two.pem"] = $"{second}\n{secondKey}" });
        const string Endpoints = """ "Endpoints": ["127.0.0.1:0", "tls://127.0.0.1:0", "https://127.0.0.1:0/dns-query"] """;
        var endpoint = proxy.Tls();

        var refused = await proxy.ReloadAsync(Json($$"""{{Endpoints}}, "Certificate": "three.pem" """));
        Assert.Contains("DnsFlow:Listeners:local:Certificate", Assert.Single(refused.Errors));
        Assert.Equal("CN=one.test", await SubjectAsync(proxy));

        Assert.True((await proxy.CheckAsync(Json($$"""{{Endpoints}}, "Certificate": "two.pem" """))).IsApplied);
        Assert.Equal("CN=one.test", await SubjectAsync(proxy));

        Assert.True((await proxy.ReloadAsync(Json($$"""{{Endpoints}}, "Certificate": "two.pem" """))).IsApplied);
        Assert.Equal("CN=two.test", await SubjectAsync(proxy));
        Assert.Equal(endpoint, proxy.Tls());
    }

    [Fact]
    public async Task Check_SelfSignedToBeMade_MakesNoFile()
    {
        await using var proxy = await EncryptedProxy.StartAsync();
        var report = await proxy.CheckAsync(Json(""" "Endpoints": ["tls://127.0.0.1:0"], "SelfSigned": true, "Certificate": "later.pem" """));
        Assert.True(report.IsApplied, string.Join('\n', report.Errors));
        Assert.False(File.Exists(Path.Combine(proxy.Folder, "later.pem")));
    }

    private static string Json(string listener) => $$"""{ "DnsFlow": { "Shards": 1, "Listeners": { "local": { {{listener}} } } } }""";

    private static async Task<string> SubjectAsync(ProxyHarness proxy)
    {
        using var client = await proxy.ConnectTlsAsync("any.test");
        return client.RemoteCertificate!.Subject;
    }

    private static async Task<string?> DotAddressAsync(ProxyHarness proxy)
    {
        using var client = await proxy.ConnectTlsAsync();
        await client.SendAsync(Wire.Query("a.home.test"));
        return Wire.FirstAddress((await client.ReceiveAsync())!);
    }

    private static async Task<string?> HttpsAddressAsync(HttpClient http, string path = "/dns-query")
    {
        var response = await http.PostAsync(path, EncryptedProxy.Body(Wire.Query("a.home.test")));
        Assert.True(response.IsSuccessStatusCode, response.StatusCode.ToString());
        return Wire.FirstAddress(await response.Content.ReadAsByteArrayAsync());
    }
}
