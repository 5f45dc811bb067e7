using System.Net.Sockets;
using DnsFlow.Flows;
using DnsFlow.Transports;
using DnsFlow.Transports.Memory;

namespace DnsFlow.Tests.Transports;

public sealed class MemoryDatagramNetworkTests : IDisposable
{
    private static readonly FlowEndpoint Server = FlowEndpoint.FromIPv4(0x7F00_0001, 53);
    private static readonly FlowEndpoint Client = FlowEndpoint.FromIPv4(0xC000_0201, 4242);
    private static readonly FlowEndpoint Resolver = FlowEndpoint.FromIPv4(0xC633_6407, 53);

    private readonly MemoryDatagramNetwork _network = new();
    private readonly DatagramBatch _batch = new(4, 512);

    public void Dispose() => _batch.Dispose();

    [Fact]
    public void SendFromClient_Listener_ReceivesItAndTheResponseReachesTheClient()
    {
        var listener = _network.Listen(Server, shared: false);
        Assert.True(_network.SendFromClient(Client, Server, "query"u8));
        Assert.Equal(1, listener.Receive(_batch));
        Assert.Equal(("query", Client, Server), (_batch.Text(0), _batch[0].Remote, _batch[0].Local));

        Assert.Equal(1, listener.Send(_batch.AnsweredWith("response")));
        Assert.Null(_network.TryTakeForClient(Client with { Port = 1 }));
        var response = _network.TryTakeForClient(Client);
        Assert.NotNull(response);
        Assert.Equal("response"u8.ToArray(), response.Payload);
        Assert.Equal((Server, Client), (response.Source, response.Destination));
        Assert.Equal(0, _network.WaitingForClients);
    }

    [Fact]
    public void SendFromClient_NobodyListens_ReturnsFalse()
    {
        var listener = _network.Listen(Server, shared: false);
        Assert.False(_network.SendFromClient(Client, Server with { Port = 54 }, "query"u8));
        listener.Dispose();
        Assert.False(_network.SendFromClient(Client, Server, "query"u8));
    }

    [Fact]
    public void SendFromClient_WildcardListener_IsToldTheAddress()
    {
        var listener = _network.Listen(new FlowEndpoint(0, 0, 0, 53), shared: false);
        Assert.True(_network.SendFromClient(Client, Server, "query"u8));
        Assert.Equal(1, listener.Receive(_batch));
        Assert.Equal(Server, _batch[0].Local);
    }

    [Fact]
    public void Receive_MoreThanTheBatchOrTheSlotHolds_LeavesAndCuts()
    {
        var listener = _network.Listen(Server, shared: false);
        for (var i = 0; i < 5; i++)
        {
            _network.SendFromClient(Client, Server, new byte[511 + i]);
        }

        Assert.Equal(4, listener.Receive(_batch));
        Assert.Equal((511, false, 512, true), (_batch[0].Length, _batch[0].IsCut, _batch[3].Length, _batch[3].IsCut));
        Assert.Equal(1, listener.Receive(_batch));
        Assert.Equal(0, listener.Receive(_batch));
    }

    [Fact]
    public void Upstream_AnswersTwiceLateAndRefuses_TheSocketSeesItInOrder()
    {
        var socket = _network.Connect(Resolver);
        var upstream = _network.Upstream(Resolver);
        socket.Send(_batch.Add("one").Add("two"));
        var first = upstream.Take();
        var second = upstream.Take();
        Assert.Equal("one"u8.ToArray(), first.Query);
        Assert.Equal(socket.LocalEndpoint, first.Source);

        second.Answer("two!"u8);
        second.Answer("two again!"u8);
        first.Refuse();
        first.Answer("one, late"u8);
        Assert.Equal(2, socket.Receive(_batch));
        Assert.Equal(["two!", "two again!"], _batch.Texts());
        Assert.Equal(-1, socket.Receive(_batch));
        Assert.Equal(1, socket.Receive(_batch));
        Assert.Equal("one, late", _batch.Text(0));
    }

    [Fact]
    public void Upstream_WithAHandler_AnswersInsideOfSend()
    {
        var socket = _network.Connect(Resolver);
        var upstream = _network.Upstream(Resolver);
        upstream.OnQuery = exchange => exchange.Answer([.. exchange.Query, (byte)'!']);
        socket.Send(_batch.Add("hello"));
        Assert.Equal(1, socket.Receive(_batch));
        Assert.Equal("hello!", _batch.Text(0));
        Assert.Equal((1, 0), (upstream.Received, upstream.Waiting));
    }

    [Fact]
    public void Upstream_AnswersAClosedSocket_NobodyHears()
    {
        var socket = _network.Connect(Resolver);
        socket.Send(_batch.Add("hello"));
        socket.Dispose();
        _network.Upstream(Resolver).Take().Answer("too late"u8);
        Assert.Throws<ObjectDisposedException>(() => socket.Receive(_batch));
    }

    [Fact]
    public void Connect_SeveralTimes_EachHasItsOwnPort()
    {
        var ports = Enumerable.Range(0, 10).Select(_ => _network.Connect(Resolver).LocalEndpoint.Port);
        Assert.Equal(10, ports.Distinct().Count());
    }

    [Fact]
    public void Connect_Unreachable_Throws()
    {
        _network.MakeUnreachable(Resolver);
        Assert.Throws<SocketException>(() => _network.Connect(Resolver));
    }

    [Fact]
    public void Listen_SameAddress_OnlyWhenAllShareIt()
    {
        _network.Listen(Server, shared: true);
        _network.Listen(Server, shared: true);
        Assert.Throws<SocketException>(() => _network.Listen(Server, shared: false));
        _network.Listen(Server with { Port = 54 }, shared: false);
        Assert.Throws<SocketException>(() => _network.Listen(Server with { Port = 54 }, shared: true));
    }

    [Fact]
    public void Send_FailingSends_DropsThatMany()
    {
        var listener = (MemoryDatagramSocket)_network.Listen(Server, shared: false);
        listener.FailingSends = 2;
        Assert.Equal(1, listener.Send(_batch.Add("a", Client).Add("b", Client).Add("c", Client)));
        Assert.Equal("c"u8.ToArray(), _network.TryTakeForClient(Client)!.Payload);
    }

    [Fact]
    public void Wait_DoesNotBlock_ReportsReadableTokensAndRemembersTheTimeout()
    {
        var waiter = (MemoryDatagramWaiter)_network.CreateWaiter();
        var listener = _network.Listen(Server, shared: false);
        var upstream = _network.Connect(Resolver);
        waiter.Add(listener, 1);
        waiter.Add(upstream, 2);
        Span<int> ready = stackalloc int[4];
        Assert.Equal(0, waiter.Wait(ready, -1));
        Assert.Equal(-1, waiter.LastTimeoutMilliseconds);

        _network.SendFromClient(Client, Server, "query"u8);
        Assert.Equal(1, waiter.Wait(ready, 8));
        Assert.Equal(1, ready[0]);
        waiter.Remove(listener);
        Assert.Equal(0, waiter.Wait(ready, 8));
        waiter.Wake();
        Assert.Equal(1, waiter.Wakes);
    }

    [Fact]
    public async Task Wait_BlockingNetwork_IsEndedByADatagramAndByWake()
    {
        var network = new MemoryDatagramNetwork(blocks: true);
        var waiter = network.CreateWaiter();
        waiter.Add(network.Listen(Server, shared: false), 1);
        waiter.Wake();
        Assert.Equal(0, waiter.Wait(new int[4], -1));

        var waiting = Task.Factory.StartNew(
            () =>
            {
                var count = 0;
                while (count == 0)
                {
                    count = waiter.Wait(new int[4], -1);
                }

                return count;
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        network.SendFromClient(Client, Server, "query"u8);
        Assert.Equal(1, await waiting.WaitAsync(TimeSpan.FromSeconds(30)));
    }
}
