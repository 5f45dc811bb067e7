using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using DnsFlow.TestKit;

namespace DnsFlow.FunctionalTests.Encryption;

/// <summary>Certificates of DNS over HTTPS: ours and our clients'.</summary>
public sealed class HttpsCertificateTests
{
    [Fact]
    public async Task Certificates_Several_AreChosenByNameAndRenewed()
    {
        var (main, mainKey) = TestCertificates.Make("main.test");
        var (other, otherKey) = TestCertificates.Make("other.test");
        var (renewed, renewedKey) = TestCertificates.Make("renewed.test");
        var time = new ManualTimeProvider();
        await using var proxy = await EncryptedProxy.StartAsync(
            """ "Certificate": "main.pem", "MoreCertificates": [{ "Certificate": "other.pem" }] """, time,
            files: new Dictionary<string, string> { ["main.pem"] = main + "\n" + mainKey, ["other.pem"] = other + "\n" + otherKey });
        Assert.Equal("CN=other.test", await SubjectAsync(proxy, "other.test"));
        Assert.Equal("CN=main.test", await SubjectAsync(proxy, "third.test"));

        var file = Path.Combine(proxy.Folder, "main.pem");
        await File.WriteAllTextAsync(file, renewed + "\n" + renewedKey);
        File.SetLastWriteTimeUtc(file, File.GetLastWriteTimeUtc(file).AddMinutes(1));       // whatever the clock's grain
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal("CN=renewed.test", await SubjectAsync(proxy, "third.test"));
    }

    [Fact]
    public async Task ClientAuthorities_OnlyTheirClients_AreServed()
    {
        var (authority, authorityKey) = TestCertificates.Make("client.test");
        var (stranger, strangerKey) = TestCertificates.Make("stranger.test");
        await using var proxy = await EncryptedProxy.StartAsync(
            """ "SelfSigned": true, "ClientAuthorities": "clients.pem" """, files: new Dictionary<string, string> { ["clients.pem"] = authority });
        using var own = Usable(authority, authorityKey);
        using var others = Usable(stranger, strangerKey);
        Assert.StartsWith("HTTP/1.1 400", await AskAsync(proxy, own));      // no query, but heard
        Assert.Equal("", await AskAsync(proxy, null));
        Assert.Equal("", await AskAsync(proxy, others));
        await EncryptedProxy.Eventually(() => proxy.Stats.Ignored["handshake"] == 2);
        Assert.Equal(1, proxy.Stats.Ignored["httpRequest"]);
    }

    private static X509Certificate2 Usable(string certificate, string key)
        => X509CertificateLoader.LoadPkcs12(X509Certificate2.CreateFromPem(certificate, key).Export(X509ContentType.Pkcs12), null);

    private static async Task<string> SubjectAsync(ProxyHarness proxy, string name)
    {
        using var client = await EncryptedProxy.ConnectTlsAsync(proxy.Https(), name, "h2");
        return client.RemoteCertificate!.Subject;
    }

    /// <summary>The beginning of the response to a request without a query; nothing when there is none.</summary>
    private static async Task<string> AskAsync(ProxyHarness proxy, X509Certificate2? own)
    {
        try
        {
            using var client = await EncryptedProxy.ConnectTlsAsync(proxy.Https(), protocol: "http/1.1", own: own);
            await client.WriteAsync("GET /dns-query HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray());
            var octets = new byte[64];
            return Encoding.ASCII.GetString(octets, 0, await client.ReadAsync(octets));
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException)
        {
            return "";
        }
    }
}
