using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using DnsFlow.TestKit;
using Microsoft.Extensions.Logging;

namespace DnsFlow.FunctionalTests.Encryption;

/// <summary>A proxy with an address for each transport, and clients for it.</summary>
internal static class EncryptedProxy
{
    public const string Zone = """
        $ORIGIN home.test.
        $TTL 300
        @  SOA ns h 1 1 1 1 60
        @  NS ns
        ns A 192.0.2.1
        a  A 192.0.2.7
        """;

    public static Task<ProxyHarness> StartAsync(
        string listener = """ "SelfSigned": true """, TimeProvider? time = null, string settings = "", IReadOnlyDictionary<string, string>? files = null,
        ILogger? logger = null)
        => ProxyHarness.StartAsync(
            settings, time, zone: Zone, files: files, logger: logger,
            listener: $$"""{ "Endpoints": ["127.0.0.1:0", "tls://127.0.0.1:0", "https://127.0.0.1:0/dns-query"], {{listener}} }""");

    public static IPEndPoint Tls(this ProxyHarness proxy) => proxy.Endpoints.ElementAt(1);

    public static IPEndPoint Https(this ProxyHarness proxy) => proxy.Endpoints.ElementAt(2);

    /// <summary>Shakes hands as a DNS over TLS client that believes everything.</summary>
    public static Task<SslStream> ConnectTlsAsync(this ProxyHarness proxy, string name = "localhost", string protocol = "dot", X509Certificate2? own = null)
        => ConnectTlsAsync(proxy.Tls(), name, protocol, own);

    /// <summary>The same at some address.</summary>
    public static async Task<SslStream> ConnectTlsAsync(IPEndPoint endpoint, string name = "localhost", string protocol = "dot", X509Certificate2? own = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(endpoint);
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = name,
            ApplicationProtocols = [new SslApplicationProtocol(protocol)],
            RemoteCertificateValidationCallback = static (_, shown, _, _) => shown is not null,
            ClientCertificates = own is null ? null : [own],
        });
        return tls;
    }

    public static async Task SendAsync(this Stream stream, params byte[][] messages)
        => await stream.WriteAsync(messages.SelectMany(message => (byte[])[(byte)(message.Length >> 8), (byte)message.Length, .. message]).ToArray());

    /// <summary>The next message; null at the end.</summary>
    public static async Task<byte[]?> ReceiveAsync(this Stream stream)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var length = new byte[2];
        if (await stream.ReadAtLeastAsync(length, 2, throwOnEndOfStream: false, patience.Token) < 2)
        {
            return null;
        }

        var message = new byte[(length[0] << 8) | length[1]];
        await stream.ReadExactlyAsync(message, patience.Token);
        return message;
    }

    public static HttpClient Http(this ProxyHarness proxy, Version? version = null) => Http(proxy.Https(), version);

    /// <summary>A client of HTTP/2, or of another version, that believes everything.</summary>
    public static HttpClient Http(IPEndPoint endpoint, Version? version = null) => new(new SocketsHttpHandler
    {
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, shown, _, _) => shown is not null },
    })
    {
        BaseAddress = new Uri($"https://{endpoint}"),
        DefaultRequestVersion = version ?? HttpVersion.Version20,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Timeout = TimeSpan.FromSeconds(20),
    };

    /// <summary>A query as the body of a request.</summary>
    public static ByteArrayContent Body(byte[] query) => new(query) { Headers = { ContentType = new MediaTypeHeaderValue("application/dns-message") } };

    public static async Task Eventually(Func<bool> condition) => Assert.True(await Task.Run(() => SpinWait.SpinUntil(condition, TimeSpan.FromSeconds(20))));
}
