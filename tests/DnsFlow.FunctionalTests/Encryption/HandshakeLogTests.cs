using System.Net.Sockets;
using DnsFlow.FunctionalTests.Tools;
using DnsFlow.TestKit;

namespace DnsFlow.FunctionalTests.Encryption;

/// <summary>What the log says about clients whose handshakes fail, over TLS and HTTPS.</summary>
public sealed class HandshakeLogTests
{
    private const string Begin = "A TLS handshake failed (said at most every ten seconds): ";

    private readonly RecordingLogger _log = new();

    [ToolFact("openssl")]
    public async Task Client_WithoutTrust_IsSaid()
    {
        foreach (var address in (string[])["tls://127.0.0.1:0", "https://127.0.0.1:0/dns-query"])
        {
            _log.Lines.Clear();
            await using var proxy = await StartAsync(address);
            await ToolProcess.RunAsync("openssl", "s_client", "-connect", $"{proxy.Endpoint}", "-alpn", "dot,h2", "-verify_return_error");
            await SaidAsync("The client does not believe the certificate (alert '");
            await EncryptedProxy.Eventually(() => proxy.Stats.Ignored["handshake"] == 1);
        }
    }

    [Theory]
    [InlineData("tls://127.0.0.1:0")]
    [InlineData("https://127.0.0.1:0/dns-query")]
    public async Task Client_GoesAway_IsSaid(string address)
    {
        await using var proxy = await StartAsync(address);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(proxy.Endpoint);
        socket.Shutdown(SocketShutdown.Send);
        await SaidAsync("The client closed the connection");
    }

    [Theory]
    [InlineData("tls://127.0.0.1:0")]
    [InlineData("https://127.0.0.1:0/dns-query")]
    public async Task Client_SpeaksAnotherProtocol_IsSaid(string address)
    {
        await using var proxy = await StartAsync(address);
        await Assert.ThrowsAnyAsync<Exception>(() => EncryptedProxy.ConnectTlsAsync(proxy.Endpoint, protocol: "imap"));
        await SaidAsync("no application protocol.");
    }

    [ToolFact("openssl")]
    public async Task Client_SpeaksAnotherProtocol_GetsTheAlert()
    {
        foreach (var address in (string[])["tls://127.0.0.1:0", "https://127.0.0.1:0/dns-query"])
        {
            await using var proxy = await StartAsync(address);
            var (_, output) = await ToolProcess.RunAsync("openssl", "s_client", "-connect", $"{proxy.Endpoint}", "-alpn", "imap");
            Assert.Contains("alert number 120", output);
        }
    }

    private Task<ProxyHarness> StartAsync(string address) => ProxyHarness.StartAsync(
        "", zone: EncryptedProxy.Zone, listener: $$"""{ "Endpoints": ["{{address}}"], "SelfSigned": true }""", logger: _log);

    private Task SaidAsync(string reason) => EncryptedProxy.Eventually(() => _log.Lines.Any(line => line.Contains(Begin + reason, StringComparison.Ordinal)));
}
