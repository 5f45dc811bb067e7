using System.Buffers.Text;
using System.Net;
using System.Net.Security;
using System.Text;
using DnsFlow.TestKit;
using DnsFlow.Transports.Https;

namespace DnsFlow.FunctionalTests.Encryption;

/// <summary>Clients that break HTTP: their connection ends, is counted, and everybody else keeps service.</summary>
public sealed class BadHttpTests
{
    private const byte Data = 0, Headers = 1, Reset = 3, Settings = 4, Ping = 6, GoAway = 7, Continuation = 9;
    private const byte EndHeaders = 4, EndStream = 1;

    // :method GET, :scheme https, :path literal /dns-query?dns=..., :authority literal a
    private static readonly byte[] s_get =
        [0x82, 0x87, 0x44, 46, .. "/dns-query?dns=AAABAAABAAAAAAAAAWEEaG9tZQR0ZXN0AAABAAE"u8[..46], 0x41, 1, (byte)'a'];

    [Fact]
    public async Task RapidReset_ConnectionIsEndedAndCounted()
    {
        await using var proxy = await EncryptedProxy.StartAsync();
        using var client = await ConnectAsync(proxy);
        for (var stream = 1; stream < 20_000; stream += 2)
        {
            // Each is answered before it is reset: that is what the HTTP server itself does not bound.
            if (!await TrySendAsync(client, Frame(Headers, EndHeaders | EndStream, stream, s_get))
                || await Record.ExceptionAsync(async () => await client.ReadAtLeastAsync(new byte[4_096], 1)) is not null
                || !await TrySendAsync(client, Frame(Reset, 0, stream, [0, 0, 0, 8])))
            {
                break;
            }
        }

        await EndsAsync(proxy, client);
    }

    [Fact]
    public async Task RapidReset_OfRequestsUnderWay_TheServerEndsItAndItIsCountedOnce()
    {
        await using var upstream = new FakeUpstream().Always(FakeReplies.Silent);
        await using var proxy = await EncryptedProxy.StartAsync(settings: ProxyHarness.ForwardTo(upstream.Endpoint) + """, "Limits": { "PerFlow": { "InFlight": 8 } } """);
        using var client = await ConnectAsync(proxy);
        var get = Get("a.example.com");

        // Fewer resets than we let pass by ourselves; but the requests are worked on all the same, and there the HTTP server has bounds of its own.
        for (var stream = 1; stream < 2 * (FrameGuard.MaxResets - 20) && await TrySendAsync(client, Frame(Headers, EndHeaders | EndStream, stream, get)); stream += 2)
        {
            await TrySendAsync(client, Frame(Reset, 0, stream, [0, 0, 0, 8]));
        }

        for (var stream = 2 * FrameGuard.MaxResets; stream < 4 * FrameGuard.MaxResets && await TrySendAsync(client, Frame(Headers, EndHeaders | EndStream, stream + 1, get)); stream += 2)
        {
        }

        await EndsAsync(proxy, client);
        Assert.Equal(1, proxy.Stats.Ignored["httpProtocol"]);
    }

    [Fact]
    public async Task ContinuationFlood_ConnectionIsEndedAndCounted()
    {
        await using var proxy = await EncryptedProxy.StartAsync();
        using var client = await ConnectAsync(proxy);
        await client.WriteAsync(Frame(Headers, EndStream, 1, s_get));
        byte[] header = [0x00, 1, (byte)'x', 100, .. Enumerable.Repeat((byte)'y', 100)];
        for (var i = 0; i < 1_000 && await TrySendAsync(client, Frame(Continuation, 0, 1, header)); i++)
        {
        }

        await EndsAsync(proxy, client);
    }

    [Fact]
    public async Task HeaderBomb_OneEntryNamedManyTimes_ConnectionIsEndedAndCounted()
    {
        await using var proxy = await EncryptedProxy.StartAsync();
        using var client = await ConnectAsync(proxy);
        byte[] entry = [0x40, 1, (byte)'x', 0x7F, 0xA1, 0x0F, .. Enumerable.Repeat((byte)'y', 127 + 0x21 + (0x0F << 7))];        // 2,080 octets, into the table
        await TrySendAsync(client, Frame(Headers, EndHeaders | EndStream, 1, [.. s_get, .. entry, .. Enumerable.Repeat((byte)0xBE, 5_000)]));
        await EndsAsync(proxy, client);
    }

    [Fact]
    public async Task FrameTooLong_ConnectionIsEndedAndCounted()
    {
        await using var proxy = await EncryptedProxy.StartAsync();
        using var client = await ConnectAsync(proxy);
        await client.WriteAsync(Frame(Headers, EndHeaders, 1, s_get));
        await TrySendAsync(client, Frame(Data, 0, 1, new byte[60_000]));
        await EndsAsync(proxy, client);
    }

    [Fact]
    public async Task StreamsBeyondTheBound_AreRefusedAndTheOthersAnswered()
    {
        await using var upstream = new FakeUpstream().Always(FakeReplies.Silent);       // requests stay open
        await using var proxy = await EncryptedProxy.StartAsync(settings: ProxyHarness.ForwardTo(upstream.Endpoint) + """, "Limits": { "PerFlow": { "InFlight": 8 } } """);
        using var http = proxy.Http();
        using var given = new CancellationTokenSource();
        var open = Enumerable.Range(0, 8).Select(i => http.PostAsync("/dns-query", EncryptedProxy.Body(Wire.Query($"n{i}.example.com")), given.Token)).ToList();
        await EncryptedProxy.Eventually(() => proxy.Stats.Queries.InFlight == 8);
        var ninth = http.PostAsync("/dns-query", EncryptedProxy.Body(Wire.Query("a.home.test")), given.Token);
        Assert.Equal(8, proxy.Stats.Queries.Total);
        using var other = proxy.Http();
        Assert.Equal(HttpStatusCode.OK, (await other.PostAsync("/dns-query", EncryptedProxy.Body(Wire.Query("a.home.test")))).StatusCode);
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll([.. open, ninth]));
    }

    [Fact]
    public async Task PingFlood_ConnectionIsEndedAndCounted()
    {
        await using var proxy = await EncryptedProxy.StartAsync();
        using var client = await ConnectAsync(proxy);
        for (var i = 0; i < 1_000 && await TrySendAsync(client, Frame(Ping, 0, 0, new byte[8])); i++)
        {
        }

        await EndsAsync(proxy, client);
    }

    [Theory]
    [InlineData(Data)]
    [InlineData(Continuation)]
    public async Task EmptyFrames_WithoutEnd_ConnectionIsEndedAndCounted(byte type)
    {
        await using var proxy = await EncryptedProxy.StartAsync();
        using var client = await ConnectAsync(proxy);
        byte[] post = [0x83, 0x87, 0x44, 10, .. "/dns-query"u8, 0x41, 1, (byte)'a', 0x5F, 23, .. "application/dns-message"u8];
        await client.WriteAsync(Frame(Headers, type == Data ? EndHeaders : 0, 1, post));
        byte[] many = [.. Enumerable.Repeat(Frame(type, 0, 1, []), 100).SelectMany(static frame => frame)];
        for (var i = 0; i < 1_000 && await TrySendAsync(client, many); i++)
        {
        }

        await EndsAsync(proxy, client);
        Assert.Equal(1, proxy.Stats.Ignored["httpProtocol"]);
    }

    [Fact]
    public async Task BodiesThatDoNotCome_MoreThanMemory_ConnectionsAreEndedAndOthersServed()
    {
        await using var proxy = await EncryptedProxy.StartAsync(settings: """ "Cache": { "MaxBytes": "1MB" }, "Limits": { "Profile": "small" } """);
        byte[] post = [0x83, 0x87, 0x44, 10, .. "/dns-query"u8, 0x41, 1, (byte)'a', 0x5F, 23, .. "application/dns-message"u8];
        byte[] open = [.. Enumerable.Range(0, 32).SelectMany(i => Frame(Headers, EndHeaders, (2 * i) + 1, post))];
        var limit = proxy.Stats.Limits.Memory.PoolLimits["streams"];
        var clients = new List<SslStream>();
        while (clients.Count * 30L * Http2Streams.RequestBytes <= limit)
        {
            clients.Add(await ConnectAsync(proxy));
            await TrySendAsync(clients[^1], open);
        }

        await EncryptedProxy.Eventually(() => proxy.Stats.Limits.Shed["memory"] >= 1);
        Assert.InRange(proxy.Stats.Limits.Memory.Pools["streams"], limit / 2, limit);
        using var other = proxy.Http();
        Assert.Equal(HttpStatusCode.OK, (await other.PostAsync("/dns-query", EncryptedProxy.Body(Wire.Query("a.home.test")))).StatusCode);
        clients.ForEach(client => client.Dispose());
        await EncryptedProxy.Eventually(() => proxy.Stats.Limits.Memory.Pools["streams"] == 0);
    }

    [Fact]
    public async Task Flood_ClientIsToldToGo()
    {
        await using var proxy = await EncryptedProxy.StartAsync();
        using var client = await ConnectAsync(proxy);
        await client.WriteAsync((byte[])[.. Frame(Headers, EndHeaders | EndStream, 1, s_get), .. Enumerable.Repeat(Frame(Ping, 0, 0, new byte[8]), 100).SelectMany(static frame => frame)]);
        var octets = await ReadToEndAsync(client);
        var types = new List<byte>();
        new Http2FrameReader(0, frame => types.Add(frame.Type)).Read(octets);
        Assert.Contains(GoAway, types);
        await EncryptedProxy.Eventually(() => proxy.Stats.Flows.Open == 0);
        Assert.Equal(1, proxy.Stats.Ignored["httpProtocol"]);
    }

    [Fact]
    public async Task ResponsesThatAreNotTaken_AreChargedToMemoryUntilTheConnectionEnds()
    {
        await using var proxy = await EncryptedProxy.StartAsync();
        using var client = await ConnectAsync(proxy);
        byte[] noWindow = [0, 4, 0, 0, 0, 0];       // SETTINGS_INITIAL_WINDOW_SIZE
        await client.WriteAsync((byte[])[.. Frame(Settings, 0, 0, noWindow), .. Enumerable.Range(0, 30).SelectMany(i => Frame(Headers, EndHeaders | EndStream, (2 * i) + 1, Get("a.home.test")))]);
        await EncryptedProxy.Eventually(() => proxy.Stats.Queries.Total == 30 && proxy.Stats.Queries.InFlight == 0);
        Assert.Equal((30 - Http2Streams.FreeRequests) * Http2Streams.RequestBytes, proxy.Stats.Limits.Memory.Pools["streams"]);
        client.Dispose();
        await EncryptedProxy.Eventually(() => proxy.Stats.Limits.Memory.Pools["streams"] == 0);
    }

    [Fact]
    public async Task BodyByTheOctet_ConnectionIsEndedAndCounted()
    {
        await using var proxy = await EncryptedProxy.StartAsync();
        using var client = await ConnectAsync(proxy);
        byte[] post = [0x83, 0x87, 0x44, 10, .. "/dns-query"u8, 0x41, 1, (byte)'a', 0x5F, 23, .. "application/dns-message"u8];
        await client.WriteAsync(Frame(Headers, EndHeaders, 1, post));
        await client.WriteAsync(Frame(Data, 0, 1, [0]));
        await EndsAsync(proxy, client);
    }

    [Fact]
    public async Task HeadersNotCompleteInFiveSeconds_ConnectionIsEndedAndCounted()
    {
        await using var proxy = await EncryptedProxy.StartAsync();
        using var client = await ConnectAsync(proxy, "http/1.1");
        await client.WriteAsync("GET /dns-query HTTP/1.1\r\nHost: a\r\nX: "u8.ToArray());
        await EndsAsync(proxy, client);
    }

    private static byte[] Get(string name)
    {
        var path = "/dns-query?dns=" + Base64Url.EncodeToString(Wire.Query(name));
        return [0x82, 0x87, 0x44, (byte)path.Length, .. Encoding.ASCII.GetBytes(path), 0x41, 1, (byte)'a'];
    }

    private static byte[] Frame(byte type, int flags, int stream, byte[] payload)
        => [(byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length, type, (byte)flags, 0, (byte)(stream >> 16), (byte)(stream >> 8), (byte)stream, .. payload];

    private static async Task<SslStream> ConnectAsync(ProxyHarness proxy, string protocol = "h2")
    {
        var client = await EncryptedProxy.ConnectTlsAsync(proxy.Https(), protocol: protocol);
        if (protocol == "h2")
        {
            await client.WriteAsync((byte[])[.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(Settings, 0, 0, [])]);
        }

        return client;
    }

    private static async Task<bool> TrySendAsync(SslStream client, byte[] octets)
    {
        try
        {
            await client.WriteAsync(octets);
            return true;
        }
        catch (IOException)
        {
            return false;       // ended, as it should be
        }
    }

    /// <summary>The connection ends, it is counted, and another client is served.</summary>
    private static async Task EndsAsync(ProxyHarness proxy, SslStream client)
    {
        using var other = proxy.Http();
        Assert.Equal(HttpStatusCode.OK, (await other.PostAsync("/dns-query", EncryptedProxy.Body(Wire.Query("a.home.test")))).StatusCode);
        var reading = ReadToEndAsync(client);
        await EncryptedProxy.Eventually(() => proxy.Stats.Ignored["httpProtocol"] >= 1);
        await reading.WaitAsync(TimeSpan.FromSeconds(20));
        await EncryptedProxy.Eventually(() => proxy.Stats.Flows.Open == 1);
    }

    private static async Task<byte[]> ReadToEndAsync(SslStream client)
    {
        var (octets, buffer) = (new List<byte>(), new byte[4_096]);
        try
        {
            while (await client.ReadAsync(buffer) is > 0 and var count)
            {
                octets.AddRange(buffer.AsSpan(0, count));
            }
        }
        catch (IOException)
        {
            // Reset: an end as well.
        }

        client.Dispose();
        return [.. octets];
    }
}
