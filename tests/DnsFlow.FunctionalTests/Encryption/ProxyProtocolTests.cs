using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using DnsFlow.Protocol;
using DnsFlow.TestKit;

namespace DnsFlow.FunctionalTests.Encryption;

/// <summary>Load balancers say who the client is, on every transport; only those that are trusted are believed.</summary>
public sealed class ProxyProtocolTests
{
    private const string Listener = """ "SelfSigned": true, "ProxyProtocol": ["127.0.0.0/8"], "Allow": ["203.0.113.0/24"] """;
    private const string Rules = """
        "QueryRules": [{ "Name": "nine", "When": { "From": ["203.0.113.9"] }, "Action": "nxdomain" }, { "Name": "rest", "Action": "forward", "To": "default" }],
        "Upstreams": { "default": { "Servers": ["127.0.0.1:9"] } }
        """;

    private static readonly byte[] s_text = [.. "PROXY TCP4 203.0.113.9 192.0.2.1 4711 53\r\n"u8];
    private static readonly byte[] s_nine = Header("203.0.113.9");
    private static readonly byte[] s_seven = Header("203.0.113.7");

    [Fact]
    public async Task Udp_Header_TheClientIsWhoItSays()
    {
        await using var proxy = await EncryptedProxy.StartAsync(Listener, settings: Rules);
        using var balancer = new UdpClient(AddressFamily.InterNetwork);
        balancer.Connect(proxy.Endpoint);
        Assert.Equal(ResponseCode.NXDomain, await AskAsync(balancer, s_nine));
        Assert.Equal(ResponseCode.NoError, await AskAsync(balancer, s_seven));
        Assert.Equal(ResponseCode.NXDomain, await AskAsync(balancer, s_text));
        await balancer.SendAsync(Wire.Query("a.home.test"));                                                // no header: not answered
        await balancer.SendAsync((byte[])[.. Header("198.51.100.1"), .. Wire.Query("a.home.test")]);        // may not ask
        await EncryptedProxy.Eventually(() => proxy.Stats.Ignored["proxyHeader"] == 1 && proxy.Stats.Ignored["notAllowed"] == 1);
        Assert.Equal(3, proxy.Stats.Queries.Total);
    }

    [Fact]
    public async Task Tcp_Header_TheClientIsWhoItSays()
    {
        await using var proxy = await EncryptedProxy.StartAsync(Listener, settings: Rules);
        foreach (var (header, code) in new[] { (s_nine, ResponseCode.NXDomain), (s_text, ResponseCode.NXDomain), (s_seven, ResponseCode.NoError) })
        {
            using var client = await StreamClient.ConnectAsync(proxy.Endpoint);
            foreach (var octet in header)
            {
                await client.Socket.SendAsync((byte[])[octet]);
            }

            await client.SendAsync(Wire.Query("a.home.test"));
            Assert.Equal(code, Wire.Header((await client.ReceiveAsync())!).ResponseCode);
        }
    }

    [Fact]
    public async Task Tcp_HalfAHeaderOrNone_IsClosedAndOthersAreServed()
    {
        var time = new ManualTimeProvider();
        await using var proxy = await EncryptedProxy.StartAsync(Listener, time, Rules);
        using var half = await StreamClient.ConnectAsync(proxy.Endpoint);
        await half.Socket.SendAsync(s_nine.AsMemory(0, 20));
        using var none = await StreamClient.ConnectAsync(proxy.Endpoint);
        await none.SendAsync(Wire.Query("a.home.test"), new byte[200]);
        using var other = await StreamClient.ConnectAsync(proxy.Endpoint);
        await other.Socket.SendAsync(s_seven);
        await other.SendAsync(Wire.Query("a.home.test"));
        Assert.NotNull(await other.ReceiveAsync());
        await EncryptedProxy.Eventually(() => proxy.Stats.Ignored["proxyHeader"] == 1);
        await EncryptedProxy.Eventually(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return proxy.Stats.Ignored["proxyHeader"] == 2;
        });
    }

    [Fact]
    public async Task TlsAndHttps_Header_TheClientIsWhoItSays()
    {
        await using var proxy = await EncryptedProxy.StartAsync(Listener, settings: Rules);
        using var dot = await HandshakeAsync(proxy.Tls(), s_nine, "dot");
        await dot.SendAsync(Wire.Query("a.home.test"));
        Assert.Equal(ResponseCode.NXDomain, Wire.Header((await dot.ReceiveAsync())!).ResponseCode);
        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, _) =>
            {
                var socket = await ConnectAsync(proxy.Https(), s_nine);
                return new NetworkStream(socket, ownsSocket: true);
            },
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, shown, _, _) => shown is not null },
        });
        var response = await http.PostAsync($"https://{proxy.Https()}/dns-query", EncryptedProxy.Body(Wire.Query("a.home.test")));
        Assert.Equal(ResponseCode.NXDomain, Wire.Header(await response.Content.ReadAsByteArrayAsync()).ResponseCode);
    }

    [Fact]
    public async Task Header_OfSomebodyElse_IsNotBelieved()
    {
        await using var proxy = await EncryptedProxy.StartAsync(""" "SelfSigned": true, "ProxyProtocol": ["192.0.2.0/24"] """, settings: Rules);
        using var client = await StreamClient.ConnectAsync(proxy.Endpoint);
        await client.Socket.SendAsync(s_nine);
        await client.Socket.SendAsync(new byte[4_000]);     // the header's first octets are taken for a length of 3,338
        Assert.Equal(ResponseCode.NoError, Wire.Header(await proxy.AskAsync(Wire.Query("a.home.test"))).ResponseCode);
        await EncryptedProxy.Eventually(() => proxy.Stats.Ignored["notAQuery"] + proxy.Stats.Ignored["tooShort"] + proxy.Stats.Queries.Total > 1);
    }

    private static byte[] Header(string client) => ProxyHeaders.Binary(new IPEndPoint(IPAddress.Parse(client), 4_711), new IPEndPoint(IPAddress.Parse("192.0.2.1"), 53));

    private static async Task<ResponseCode> AskAsync(UdpClient balancer, byte[] header)
    {
        await balancer.SendAsync((byte[])[.. header, .. Wire.Query("a.home.test")]);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        return Wire.Header((await balancer.ReceiveAsync(patience.Token)).Buffer).ResponseCode;
    }

    private static async Task<Socket> ConnectAsync(IPEndPoint endpoint, byte[] header)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(endpoint);
        await socket.SendAsync(header);
        return socket;
    }

    private static async Task<SslStream> HandshakeAsync(IPEndPoint endpoint, byte[] header, string protocol)
    {
        var tls = new SslStream(new NetworkStream(await ConnectAsync(endpoint, header), ownsSocket: true));
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ApplicationProtocols = [new SslApplicationProtocol(protocol)],
            RemoteCertificateValidationCallback = static (_, shown, _, _) => shown is not null,
        });
        return tls;
    }
}
