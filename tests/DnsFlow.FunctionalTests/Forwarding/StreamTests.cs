using System.Net.Sockets;
using DnsFlow.Protocol;
using DnsFlow.TestKit;
using DnsFlow.Transports;
using DnsFlow.Transports.Udp;

namespace DnsFlow.FunctionalTests.Forwarding;

/// <summary>TCP as RFC 7766 and RFC 9210 want it, over real sockets.</summary>
public class StreamTests
{
    private protected virtual IDatagramNetwork Network => UdpNetwork.Create();

    private const string Zone = """
        $ORIGIN home.test.
        $TTL 300
        @  SOA ns h 1 1 1 1 60
        @  NS ns
        ns A 192.0.2.1
        a  A 192.0.2.7
        """;

    [Fact]
    public async Task Invariant11_PipelinedThenFin_AllAnswersComeAndThenFin()
    {
        await using var proxy = await ProxyHarness.StartAsync("", zone: Zone, network: Network);
        using var client = await StreamClient.ConnectAsync(proxy.Endpoint);
        await client.SendAsync([.. Enumerable.Range(0, 16).Select(id => Wire.Query("a.home.test", id: (ushort)id))]);
        client.Socket.Shutdown(SocketShutdown.Send);

        var ids = new HashSet<ushort>();
        for (var i = 0; i < 16; i++)
        {
            var response = await client.ReceiveAsync();
            Assert.Equal("192.0.2.7", Wire.FirstAddress(response!));
            Assert.True(ids.Add(Wire.Header(response!).Id));
        }

        Assert.Null(await client.ReceiveAsync());
    }

    [Fact]
    public async Task Idle_NoQueryForTenSeconds_ConnectionIsClosed()
    {
        var time = new ManualTimeProvider();
        await using var proxy = await ProxyHarness.StartAsync("", time, zone: Zone, network: Network);
        using var client = await StreamClient.ConnectAsync(proxy.Endpoint);
        await client.SendAsync(Wire.Query("a.home.test"));
        Assert.NotNull(await client.ReceiveAsync());
        await proxy.WrittenAsync();
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.Null(await client.ReceiveAsync());
        client.Dispose();
        await Eventually(() => proxy.Stats.Flows.ClosedBy["idle"] == 1);
    }

    [Fact]
    public async Task Slowloris_MessageNotCompleteInTwoSeconds_IsReset()
    {
        var time = new ManualTimeProvider();
        await using var proxy = await ProxyHarness.StartAsync("""  "Limits": { "TcpIdle": "4m" }  """, time, zone: Zone, network: Network);
        using var client = await StreamClient.ConnectAsync(proxy.Endpoint);
        var query = Wire.Query("a.home.test");
        await client.Socket.SendAsync((byte[])[0, (byte)query.Length, .. query, 0, 40, 1]);     // one segment: a query and the beginning of another
        Assert.NotNull(await client.ReceiveAsync());

        time.Advance(TimeSpan.FromSeconds(1.5));
        await client.Socket.SendAsync(new byte[] { 2 });        // an octet does not restart the clock
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await client.IsResetAsync());
    }

    [Fact]
    public async Task Garbage_ShorterThanAHeader_IsIgnoredAndTheNextQueryAnswered()
    {
        await using var proxy = await ProxyHarness.StartAsync("", zone: Zone, network: Network);
        using var client = await StreamClient.ConnectAsync(proxy.Endpoint);
        await client.SendAsync([1, 2, 3], [], Wire.Query("a.home.test"));
        Assert.Equal("192.0.2.7", Wire.FirstAddress((await client.ReceiveAsync())!));
    }

    [Fact]
    public async Task Discard_TcpFlow_IsReset()
    {
        await using var proxy = await ProxyHarness.StartAsync("""  "FlowRules": [{ "Name": "none", "Verdict": "discard" }]  """, zone: Zone, network: Network);
        Assert.True(await IsRefusedAsync(proxy));
        await Eventually(() => proxy.Stats.Flows.ByVerdict["discard"] == 1);
        Assert.Equal(0, proxy.Stats.Queries.Total);
    }

    [Fact]
    public async Task ManyConnections_OfOneClient_StayWithinItsBound()
    {
        await using var proxy = await ProxyHarness.StartAsync("""  "Limits": { "PerClient": { "StreamFlows": 4, "Exempt": [] } }  """, zone: Zone, network: Network);
        var clients = new List<StreamClient>();
        for (var i = 0; i < 4; i++)
        {
            clients.Add(await StreamClient.ConnectAsync(proxy.Endpoint));
        }

        await Eventually(() => proxy.Stats.Flows.Open == 4);
        Assert.True(await IsRefusedAsync(proxy));
        Assert.Equal(1, proxy.Stats.Limits.Shed["clientFlows"]);
        Assert.Equal(4, proxy.Stats.Flows.Open);
        clients.ForEach(client => client.Dispose());
        await Eventually(() => proxy.Stats.Flows.Open == 0);
        using var another = await StreamClient.ConnectAsync(proxy.Endpoint);
        await another.SendAsync(Wire.Query("a.home.test", RecordType.A));
        Assert.NotNull(await another.ReceiveAsync());
    }

    /// <summary>Whether a new connection is reset, be it already while it is made.</summary>
    private static async Task<bool> IsRefusedAsync(ProxyHarness proxy)
    {
        try
        {
            using var client = await StreamClient.ConnectAsync(proxy.Endpoint);
            return await client.IsResetAsync();
        }
        catch (SocketException)
        {
            return true;
        }
    }

    /// <summary>Other threads of the proxy act on what a client did; the statistics say when they have.</summary>
    private static async Task Eventually(Func<bool> condition)
        => Assert.True(await Task.Run(() => SpinWait.SpinUntil(condition, TimeSpan.FromSeconds(20))));
}
