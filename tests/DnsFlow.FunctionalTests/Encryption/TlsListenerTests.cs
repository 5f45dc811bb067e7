using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using DnsFlow.Server;
using DnsFlow.TestKit;

namespace DnsFlow.FunctionalTests.Encryption;

/// <summary>DNS over TLS, over real sockets.</summary>
public sealed class TlsListenerTests
{
    [Fact]
    public async Task Pipelined_ThenGoodbye_AllAnswersComeAndThenTheEnd()
    {
        await using var proxy = await EncryptedProxy.StartAsync();
        using var client = await proxy.ConnectTlsAsync();
        Assert.Equal("dot", client.NegotiatedApplicationProtocol.ToString());
        await client.SendAsync([.. Enumerable.Range(0, 40).Select(id => Wire.Query("a.home.test", id: (ushort)id))]);
        await client.ShutdownAsync();
        var ids = new HashSet<ushort>();
        for (var i = 0; i < 40; i++)
        {
            var response = await client.ReceiveAsync();
            Assert.Equal("192.0.2.7", Wire.FirstAddress(response!));
            Assert.True(ids.Add(Wire.Header(response!).Id));
        }

        Assert.Null(await client.ReceiveAsync());
        await EncryptedProxy.Eventually(() => proxy.Stats.Flows.Open == 0);
        Assert.Equal(1, proxy.Stats.Flows.ByTransport["tls"]);
        Assert.Equal(40, proxy.Stats.Queries.Total);
    }

    [Fact]
    public async Task OneByOne_ManyTimes_EveryQueryIsAnswered()
    {
        await using var proxy = await EncryptedProxy.StartAsync();
        using var client = await proxy.ConnectTlsAsync();
        for (var i = 0; i < 300; i++)
        {
            await client.SendAsync(Wire.Query("a.home.test", id: (ushort)i));
            Assert.Equal(i, Wire.Header((await client.ReceiveAsync())!).Id);
        }
    }

    [Fact]
    public async Task Query_InManyRecords_IsPutTogether()
    {
        await using var proxy = await EncryptedProxy.StartAsync();
        using var client = await proxy.ConnectTlsAsync();
        var query = Wire.Query("a.home.test");
        foreach (var octet in (byte[])[0, (byte)query.Length, .. query])
        {
            await client.WriteAsync((byte[])[octet]);
        }

        Assert.Equal("192.0.2.7", Wire.FirstAddress((await client.ReceiveAsync())!));
    }

    [Fact]
    public async Task Handshake_OtherProtocol_IsRefusedAndCounted()
    {
        await using var proxy = await EncryptedProxy.StartAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => proxy.ConnectTlsAsync(protocol: "http/1.1"));
        await EncryptedProxy.Eventually(() => proxy.Stats.Ignored["handshake"] == 1 && proxy.Stats.Flows.Open == 0);
    }

    [Fact]
    public async Task Handshake_NotTls_IsRefusedAndOthersAreServed()
    {
        await using var proxy = await EncryptedProxy.StartAsync();
        using var plain = await StreamClient.ConnectAsync(proxy.Tls());
        await plain.SendAsync(Wire.Query("a.home.test"));
        await plain.IsResetAsync();
        await EncryptedProxy.Eventually(() => proxy.Stats.Ignored["handshake"] == 1);
        using var client = await proxy.ConnectTlsAsync();
        await client.SendAsync(Wire.Query("a.home.test"));
        Assert.NotNull(await client.ReceiveAsync());
    }

    [Fact]
    public async Task Handshake_Fails_TheLogSaysWhyEveryTenSeconds()
    {
        var (time, logger) = (new ManualTimeProvider(), new RecordingLogger());
        await using var proxy = await EncryptedProxy.StartAsync(time: time, logger: logger);
        for (var i = 0; i < 3; i++)
        {
            await Assert.ThrowsAnyAsync<Exception>(() => proxy.ConnectTlsAsync(protocol: "http/1.1"));
        }

        await EncryptedProxy.Eventually(() => proxy.Stats.Ignored["handshake"] == 3);
        Assert.Contains("application protocol", Assert.Single(Failed()), StringComparison.OrdinalIgnoreCase);
        time.Advance(TimeSpan.FromSeconds(10));
        await Assert.ThrowsAnyAsync<Exception>(() => proxy.ConnectTlsAsync(protocol: "http/1.1"));
        await EncryptedProxy.Eventually(() => Failed().Count == 2);

        List<string> Failed() => [.. logger.Lines.Where(static line => line.Contains("A TLS handshake failed"))];
    }

    [Fact]
    public async Task Handshake_HalfForFiveSeconds_IsCutOff()
    {
        var time = new ManualTimeProvider();
        await using var proxy = await EncryptedProxy.StartAsync(time: time, settings: """ "Limits": { "TcpIdle": "4m" } """);
        using var half = await StreamClient.ConnectAsync(proxy.Tls());
        await half.Socket.SendAsync(new byte[] { 22, 3, 1, 2, 0, 1 });      // the beginning of a ClientHello
        await EncryptedProxy.Eventually(() => proxy.Stats.Flows.Open == 1);
        time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(1, proxy.Stats.Flows.Open);
        await EncryptedProxy.Eventually(() =>
        {
            time.Advance(TimeSpan.FromSeconds(2));
            return proxy.Stats.Flows.Open == 0;
        });
        await half.IsResetAsync();
    }

    [Fact]
    public async Task Slowloris_MessageNotCompleteInTwoSeconds_IsCutOffCountedAndSaid()
    {
        var (time, logger) = (new ManualTimeProvider(), new RecordingLogger());
        await using var proxy = await EncryptedProxy.StartAsync(time: time, logger: logger, settings: """ "Limits": { "TcpIdle": "4m" } """);
        using var client = await proxy.ConnectTlsAsync();
        var query = Wire.Query("a.home.test");
        await client.WriteAsync((byte[])[0, (byte)query.Length, .. query]);
        Assert.NotNull(await client.ReceiveAsync());
        await proxy.WrittenAsync();
        time.Advance(TimeSpan.FromSeconds(10));
        await client.WriteAsync((byte[])[0, 40, 1]);
        await proxy.FlowsBecomeAsync(static flows => flows is [{ IdleSeconds: 0 }]);        // its beginning has been read
        await EncryptedProxy.Eventually(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return proxy.Stats.Flows.Open == 0;
        });
        await Assert.ThrowsAnyAsync<IOException>(client.ReceiveAsync);
        Assert.Equal(1, proxy.Stats.Ignored["incompleteMessage"]);
        Assert.Single(logger.Lines, static line => line.Contains("not complete within 2 s"));
    }

    [Fact]
    public async Task Certificate_FileIsReplaced_NextHandshakeGetsTheNewOneAndABrokenOneIsNotTaken()
    {
        var (first, firstKey) = TestCertificates.Make("one.test");
        var (second, secondKey) = TestCertificates.Make("two.test");
        var time = new ManualTimeProvider();
        await using var proxy = await EncryptedProxy.StartAsync(
            """ "Certificate": "tls.pem" """, time, files: new Dictionary<string, string> { ["tls.pem"] = first + "\n" + firstKey });
        Assert.Equal("CN=one.test", await SubjectAsync(proxy, "any.test"));
        var file = Path.Combine(proxy.Folder, "tls.pem");
        await ReplaceAsync(file, second + "\n" + secondKey, 1, time);
        Assert.Equal("CN=two.test", await SubjectAsync(proxy, "any.test"));
        await ReplaceAsync(file, first + "\n" + secondKey, 2, time);        // not that key's
        Assert.Equal("CN=two.test", await SubjectAsync(proxy, "any.test"));
    }

    [Fact]
    public async Task Certificate_Several_AreChosenByName()
    {
        var (main, mainKey) = TestCertificates.Make("main.test");
        var (other, otherKey) = TestCertificates.Make("other.test");
        await using var proxy = await EncryptedProxy.StartAsync(
            """ "Certificate": "main.pem", "Key": "main.key", "MoreCertificates": [{ "Certificate": "other.pem", "Key": "other.key" }] """,
            files: new Dictionary<string, string> { ["main.pem"] = main, ["main.key"] = mainKey, ["other.pem"] = other, ["other.key"] = otherKey });
        Assert.Equal("CN=other.test", await SubjectAsync(proxy, "other.test"));
        Assert.Equal("CN=main.test", await SubjectAsync(proxy, "main.test"));
        Assert.Equal("CN=main.test", await SubjectAsync(proxy, "third.test"));
    }

    [Fact]
    public async Task ClientAuthorities_ClientWithoutCertificate_IsNotServed()
    {
        var (authority, authorityKey) = TestCertificates.Make("client.test");
        await using var proxy = await EncryptedProxy.StartAsync(
            """ "SelfSigned": true, "ClientAuthorities": "clients.pem" """, files: new Dictionary<string, string> { ["clients.pem"] = authority });
        using var own = X509CertificateLoader.LoadPkcs12(X509Certificate2.CreateFromPem(authority, authorityKey).Export(X509ContentType.Pkcs12), null);
        using var known = await proxy.ConnectTlsAsync(own: own);
        await known.SendAsync(Wire.Query("a.home.test"));
        Assert.NotNull(await known.ReceiveAsync());
        Assert.False(await IsServedAsync(proxy));
        Assert.Equal(1, proxy.Stats.Queries.Total);
    }

    [Fact]
    public async Task ClientAuthorities_CertificateOfAServer_IsNotServed()
    {
        var (authority, authorityKey) = TestCertificates.Make("server.test", use: "1.3.6.1.5.5.7.3.1");
        await using var proxy = await EncryptedProxy.StartAsync(
            """ "SelfSigned": true, "ClientAuthorities": "clients.pem" """, files: new Dictionary<string, string> { ["clients.pem"] = authority });
        using var own = X509CertificateLoader.LoadPkcs12(X509Certificate2.CreateFromPem(authority, authorityKey).Export(X509ContentType.Pkcs12), null);
        Assert.False(await IsServedAsync(proxy, own));
        Assert.Equal(0, proxy.Stats.Queries.Total);
    }

    [Fact]
    public async Task MoreCertificates_OneIsNoGood_StartIsRefusedWithItsNumber()
    {
        var (good, key) = TestCertificates.Make("a.test");
        var refusal = await Assert.ThrowsAsync<ServerStartException>(() => EncryptedProxy.StartAsync(
            """ "Certificate": "good.pem", "MoreCertificates": [{ "Certificate": "good.pem" }, { "Certificate": "text.pem" }] """,
            files: new Dictionary<string, string> { ["good.pem"] = good + "\n" + key, ["text.pem"] = "hello" }));
        Assert.Contains("DnsFlow:Listeners:local:MoreCertificates:1:Certificate", refusal.Message);
    }

    [Theory]
    [InlineData("weak.pem", null, "its RSA key has 1024 bits")]
    [InlineData("expired.pem", null, "the certificate has expired on 2021-01-01")]
    [InlineData("missing.pem", null, "missing.pem: there is no such file")]
    [InlineData("good.pem", "other.key", "other.key: not the private key of")]
    [InlineData("text.pem", null, "text.pem: not a certificate in PEM")]
    public async Task Certificate_NoGood_StartIsRefusedWithTheKeyAndTheFile(string certificate, string? key, string problem)
    {
        var (expired, expiredKey) = TestCertificates.Make("a.test", new DateTimeOffset(2021, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var (good, _) = TestCertificates.Make("a.test");
        var (_, otherKey) = TestCertificates.Make("a.test");
        var files = new Dictionary<string, string> { ["expired.pem"] = expired + "\n" + expiredKey, ["good.pem"] = good, ["other.key"] = otherKey, ["text.pem"] = "hello", ["weak.pem"] = TestCertificates.MakeWeak() };
        var keySetting = key is null ? "" : $", \"Key\": \"{key}\"";
        var refusal = await Assert.ThrowsAsync<ServerStartException>(() => EncryptedProxy.StartAsync($"\"Certificate\": \"{certificate}\"{keySetting}", files: files));
        Assert.Contains("DnsFlow:Listeners:local:Certificate", refusal.Message);
        Assert.Contains(problem, refusal.Message);
    }

    private static async Task<bool> IsServedAsync(ProxyHarness proxy, X509Certificate2? own = null)
    {
        try
        {
            using var client = await proxy.ConnectTlsAsync(own: own);
            await client.SendAsync(Wire.Query("a.home.test"));
            return await client.ReceiveAsync() is not null;
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException or SocketException)
        {
            return false;
        }
    }

    private static async Task<string> SubjectAsync(ProxyHarness proxy, string name)
    {
        using SslStream client = await proxy.ConnectTlsAsync(name);
        return client.RemoteCertificate!.Subject;
    }

    private static async Task ReplaceAsync(string file, string text, int minutes, ManualTimeProvider time)
    {
        await File.WriteAllTextAsync(file, text);
        File.SetLastWriteTimeUtc(file, File.GetLastWriteTimeUtc(file).AddMinutes(minutes));      // whatever the clock's grain
        time.Advance(TimeSpan.FromSeconds(3));
    }
}
