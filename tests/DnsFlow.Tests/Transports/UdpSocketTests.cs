using System.Net;
using System.Net.Sockets;
using System.Text;
using DnsFlow.Flows;
using DnsFlow.Transports;

namespace DnsFlow.Tests.Transports;

/// <summary>
/// What every network of real datagram sockets does, on loopback. The subclasses name the implementation; on a system that does not have it
/// <see cref="Network"/> is null and the tests have nothing to do.
/// </summary>
public abstract class UdpSocketTests : IDisposable
{
    private protected static readonly FlowEndpoint Loopback4 = FlowEndpoint.FromIPv4(0x7F00_0001, 0);
    private protected static readonly FlowEndpoint Loopback6 = new(0, 1, 0, 0);
    private const int WaitMilliseconds = 5_000; // never reached: what is waited for has been sent already

    private readonly List<IDisposable> _open = [];

    private protected abstract IDatagramNetwork? Network { get; }

    private protected DatagramBatch Batch { get; } = new(32, 512);

    public void Dispose()
    {
        _open.ForEach(o => o.Dispose());
        Batch.Dispose();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void Receive_SeveralDatagrams_FillsTheBatchWithBothEndpoints(string address)
    {
        if (Network is null)
        {
            return;
        }

        var listener = Listen(FlowEndpoint.From(IPAddress.Parse(address), 0));
        var client = Client(listener.LocalEndpoint);
        for (var i = 0; i < 5; i++)
        {
            client.Send(Encoding.ASCII.GetBytes($"query {i}"));
        }

        Assert.Equal(5, Receive(listener));
        Assert.Equal(["query 0", "query 1", "query 2", "query 3", "query 4"], Batch.Texts());
        Assert.Equal(FlowEndpoint.From((IPEndPoint)client.LocalEndPoint!), Batch[4].Remote);
        Assert.Equal(listener.LocalEndpoint, Batch[4].Local);
        Assert.False(Batch[4].IsCut);
    }

    [Fact]
    public void Receive_NothingThere_Returns0()
    {
        if (Network is null)
        {
            return;
        }

        Assert.Equal(0, Listen(Loopback4).Receive(Batch));
        Assert.Equal(0, Connect(Listen(Loopback4).LocalEndpoint).Receive(Batch));
    }

    [Fact]
    public void Receive_MoreThanTheBatchHolds_LeavesTheRestForTheNextCall()
    {
        if (Network is null)
        {
            return;
        }

        var listener = Listen(Loopback4);
        var client = Client(listener.LocalEndpoint);
        for (var i = 0; i < 40; i++)
        {
            client.Send(Encoding.ASCII.GetBytes($"{i}"));
        }

        Assert.Equal(32, Receive(listener));
        Assert.Equal("31", Batch.Text(31));
        Assert.Equal(8, Receive(listener));
        Assert.Equal("39", Batch.Text(7));
    }

    [Fact]
    public void Receive_AfterSendsAndOtherSockets_StillReadsAddresses()
    {
        // The kernel overwrites lengths of names and control messages: forgetting to set them again works with one family and breaks with two.
        if (Network is null)
        {
            return;
        }

        var four = Listen(Loopback4);
        var six = Listen(Loopback6);
        var upstream = Connect(four.LocalEndpoint);
        for (var round = 0; round < 3; round++)
        {
            Client(four.LocalEndpoint).Send("four"u8);
            Assert.Equal(1, Receive(four));
            Assert.True(Batch[0].Remote.IsIPv4 && Batch[0].Remote.Port > 0);
            Assert.Equal(1, four.Send(Batch));

            Client(six.LocalEndpoint).Send("a longer six"u8);
            Assert.Equal(1, Receive(six));
            Assert.Equal("a longer six", Batch.Text(0));
            Assert.Equal(Loopback6 with { Port = Batch[0].Remote.Port }, Batch[0].Remote);

            Batch.Count = 0;
            Assert.Equal(1, upstream.Send(Batch.Add("up")));
            Assert.Equal(1, Receive(four));
            Assert.Equal(upstream.LocalEndpoint, Batch[0].Remote);
            Assert.Equal(1, four.Send(Batch.AnsweredWith("down")));
            Assert.Equal(1, Receive(upstream));
            Assert.Equal("down", Batch.Text(0));
        }
    }

    [Fact]
    public void Receive_OneFamilyAfterTheOther_ReadsWholeAddresses()
    {
        // An IPv4 name is shorter: its length must not stay behind in the headers of the batch.
        if (Network is null)
        {
            return;
        }

        var four = Listen(Loopback4);
        var six = Listen(Loopback6);
        for (var round = 0; round < 2; round++)
        {
            var client4 = Client(four.LocalEndpoint);
            client4.Send("4"u8);
            Assert.Equal(1, Receive(four));
            Assert.Equal(FlowEndpoint.From((IPEndPoint)client4.LocalEndPoint!), Batch[0].Remote);

            var client6 = Client(six.LocalEndpoint);
            client6.Send("6"u8);
            Assert.Equal(1, Receive(six));
            Assert.Equal(FlowEndpoint.From((IPEndPoint)client6.LocalEndPoint!), Batch[0].Remote);
        }
    }

    [Theory]
    [InlineData(512, 512, false)]
    [InlineData(513, 512, true)]
    [InlineData(5000, 512, true)]
    [InlineData(0, 0, false)]
    public void Receive_LongerThanTheSlot_IsCut(int sent, int expected, bool isCut)
    {
        if (Network is null)
        {
            return;
        }

        var listener = Listen(Loopback4);
        Client(listener.LocalEndpoint).Send(new byte[sent]);
        Assert.Equal(1, Receive(listener));
        Assert.Equal((expected, isCut), (Batch[0].Length, Batch[0].IsCut));

        var upstream = Connect(listener.LocalEndpoint);
        Batch.Count = 0;
        upstream.Send(Batch.Add("query"));
        Receive(listener);
        using var large = new DatagramBatch(1, 8192);
        large.Add("", Batch[0].Remote);
        large[0].Length = sent;
        Assert.Equal(1, listener.Send(large));
        Assert.Equal(1, Receive(upstream));
        Assert.Equal((expected, isCut), (Batch[0].Length, Batch[0].IsCut));
    }

    [Fact]
    public void Send_Batch_ReachesEachClientFromTheListener()
    {
        if (Network is null)
        {
            return;
        }

        var listener = Listen(Loopback4);
        var clients = Enumerable.Range(0, 3).Select(_ => Client(listener.LocalEndpoint)).ToArray();
        foreach (var client in clients)
        {
            Batch.Add($"for {client.LocalEndPoint}", FlowEndpoint.From((IPEndPoint)client.LocalEndPoint!));
        }

        Assert.Equal(3, listener.Send(Batch));
        Assert.All(clients, client => Assert.Equal($"for {client.LocalEndPoint}", Read(client)));
    }

    [Fact]
    public void Send_OneUnreachableClientInTheBatch_OnlyThatOneIsDropped()
    {
        if (Network is null)
        {
            return;
        }

        var listener = Listen(Loopback4);
        var client = Client(listener.LocalEndpoint);
        var reachable = FlowEndpoint.From((IPEndPoint)client.LocalEndPoint!);
        Batch.Add("first", reachable);
        Batch.Add("no port", reachable with { Port = 0 });
        Batch.Add("second", reachable);
        Batch.Add("other family", Loopback6 with { Port = 9 });
        Batch.Add("last", reachable);

        Assert.Equal(3, listener.Send(Batch));
        Assert.Equal(["first", "second", "last"], [Read(client), Read(client), Read(client)]);
    }

    [Fact]
    public void Receive_ConnectedToAClosedPort_ReportsRefusalAndStaysUsable()
    {
        if (Network is null)
        {
            return;
        }

        var closed = Client(Loopback4 with { Port = 9 });
        var address = FlowEndpoint.From((IPEndPoint)closed.LocalEndPoint!);
        closed.Dispose();
        var upstream = Connect(address);
        Assert.Equal(1, upstream.Send(Batch.Add("anyone?")));
        Assert.Equal(-1, Receive(upstream));
        Assert.Equal(0, upstream.Receive(Batch));

        // Something listens there again: the same socket serves.
        var listener = Listen(address);
        Batch.Count = 0;
        Assert.Equal(1, upstream.Send(Batch.Add("and now?")));
        Assert.Equal(1, Receive(listener));
        Assert.Equal("and now?", Batch.Text(0));
    }

    [Fact]
    public void Send_AfterARefusal_LosesNoDatagramAndStillReportsIt()
    {
        if (Network is null)
        {
            return;
        }

        var closed = Client(Loopback4 with { Port = 9 });
        var address = FlowEndpoint.From((IPEndPoint)closed.LocalEndPoint!);
        closed.Dispose();
        var upstream = Connect(address);
        Assert.Equal(1, upstream.Send(Batch.Add("refused")));
        using var listener = Network.Listen(address, shared: false);

        // The kernel reports the refusal of the first datagram at whatever call comes next: here a send.
        Batch.Count = 0;
        Assert.Equal(2, upstream.Send(Batch.Add("one").Add("two")));
        Assert.Equal(-1, upstream.Receive(Batch));
        Assert.Equal(2, Receive(listener));
        Assert.Equal(["one", "two"], Batch.Texts());
    }

    [Fact]
    public void Connect_SeveralTimes_PortsDifferAndAreNotInOrder()
    {
        if (Network is null)
        {
            return;
        }

        var target = Listen(Loopback4).LocalEndpoint;
        var ports = Enumerable.Range(0, 20).Select(_ => (int)Connect(target).LocalEndpoint.Port).ToArray();
        Assert.Equal(20, ports.Distinct().Count());
        Assert.NotEqual(ports.Order(), ports);
    }

    [Fact]
    public void Connect_OnlyThePeerIsHeard()
    {
        if (Network is null)
        {
            return;
        }

        var upstream = Connect(Listen(Loopback4).LocalEndpoint);
        using var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        stranger.SendTo("forged"u8, upstream.LocalEndpoint.ToIPEndPoint());
        Assert.Equal(0, upstream.Receive(Batch));
    }

    [Fact]
    public void Listen_AddressHeldByAnother_IsRefused()
    {
        if (Network is null)
        {
            return;
        }

        var held = Listen(Loopback4).LocalEndpoint;
        Assert.Throws<SocketException>(() => Network.Listen(held, shared: false));
        Assert.Throws<SocketException>(() => Network.Listen(held, shared: true));
    }

    [Fact]
    public void Wait_ReadableSockets_ReportsTheirTokensOnly()
    {
        if (Network is null)
        {
            return;
        }

        var waiter = Waiter();
        var first = Listen(Loopback4);
        var second = Listen(Loopback4);
        var third = Listen(Loopback6);
        waiter.Add(first, 10);
        waiter.Add(second, 20);
        waiter.Add(third, 30);
        Span<int> ready = stackalloc int[8];
        Assert.Equal(0, waiter.Wait(ready, 0));

        Client(second.LocalEndpoint).Send("x"u8);
        Assert.Equal(1, waiter.Wait(ready, WaitMilliseconds));
        Assert.Equal(20, ready[0]);

        Client(third.LocalEndpoint).Send("x"u8);
        Assert.Equal(2, waiter.Wait(ready, WaitMilliseconds));
        waiter.Remove(second);
        Assert.Equal(1, waiter.Wait(ready, WaitMilliseconds));
        Assert.Equal(30, ready[0]);
    }

    [Fact]
    public void Wait_MoreReadyThanAsked_ReportsTheOthersLater()
    {
        if (Network is null)
        {
            return;
        }

        var waiter = Waiter();
        var sockets = Enumerable.Range(0, 5).Select(_ => Listen(Loopback4)).ToArray();
        for (var i = 0; i < sockets.Length; i++)
        {
            waiter.Add(sockets[i], i);
            Client(sockets[i].LocalEndpoint).Send("x"u8);
        }

        var seen = new HashSet<int>();
        Span<int> ready = stackalloc int[2];
        for (var round = 0; round < 20 && seen.Count < sockets.Length; round++)
        {
            foreach (var token in ready[..waiter.Wait(ready, WaitMilliseconds)])
            {
                seen.Add(token);
                sockets[token].Receive(Batch);
            }
        }

        Assert.Equal(5, seen.Count);
    }

    [Fact]
    public void Wait_NothingComes_EndsWithItsTimeAgainAndAgain()
    {
        if (Network is null)
        {
            return;
        }

        var waiter = Waiter();
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal(0, waiter.Wait(new int[8], 1));
        }
    }

    [Fact]
    public void Wait_AnEarlierTimeThanThatOfTheWaitBefore_EndsWithIt()
    {
        if (Network is null)
        {
            return;
        }

        var waiter = Waiter();
        waiter.Wake();
        Assert.Equal(0, waiter.Wait(new int[8], int.MaxValue));
        Assert.Equal(0, waiter.Wait(new int[8], 1));        // and not after 24 days
    }

    [Fact]
    public void Send_OneDatagramToNobody_IsNotCountedAsSent()
    {
        if (Network is null)
        {
            return;
        }

        var listener = Listen(Loopback4);
        Batch.Count = 1;
        Batch[0].Remote = Loopback6 with { Port = 9 };      // a socket of IPv4 cannot reach it
        Batch[0].Length = 2;
        Assert.Equal(0, listener.Send(Batch));
    }

    [Fact]
    public async Task Wake_BeforeTheWait_EndsOneWait()
    {
        if (Network is null)
        {
            return;
        }

        var waiter = Waiter();
        for (var round = 0; round < 3; round++)
        {
            waiter.Wake();
            waiter.Wake();
            Assert.Equal(0, await WaitOnAThreadOfItsOwn(waiter));
        }

        // Both calls were one wake-up: nothing is left over.
        var listener = Listen(Loopback4);
        waiter.Add(listener, 1);
        Client(listener.LocalEndpoint).Send("x"u8);
        Assert.Equal(1, await WaitOnAThreadOfItsOwn(waiter));
    }

    [Fact]
    public async Task Wake_FromAnotherThread_EndsTheWait()
    {
        if (Network is null)
        {
            return;
        }

        var waiter = Waiter();
        var waiting = WaitOnAThreadOfItsOwn(waiter);
        waiter.Wake();
        Assert.Equal(0, await waiting);
    }

    [Fact]
    public void Wake_AfterDispose_DoesNothing()
    {
        if (Network is null)
        {
            return;
        }

        var waiter = Network.CreateWaiter();
        waiter.Dispose();
        waiter.Wake();
        waiter.Dispose();
    }

    [Fact]
    public void ReceiveAndSend_TenThousandDatagrams_AllocateNothing()
    {
        if (Network is null)
        {
            return;
        }

        var listener = Listen(Loopback4);
        var upstream = Connect(listener.LocalEndpoint);
        var waiter = Waiter();
        waiter.Add(listener, 1);
        waiter.Add(upstream, 2);
        Exchange(listener, upstream, waiter, 10_000); // as often as below: code is compiled, and compiled anew while it runs

        var before = GC.GetAllocatedBytesForCurrentThread();
        Exchange(listener, upstream, waiter, 10_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private protected IDatagramSocket Listen(FlowEndpoint address, bool shared = false) => Keep(Network!.Listen(address, shared));

    private protected IDatagramSocket Connect(FlowEndpoint upstream) => Keep(Network!.Connect(upstream));

    private protected IDatagramWaiter Waiter() => Keep(Network!.CreateWaiter());

    private protected Socket Client(FlowEndpoint server)
    {
        var socket = Keep(new Socket(server.Family, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = WaitMilliseconds });
        socket.Connect(server.ToIPEndPoint());
        return socket;
    }

    private protected T Keep<T>(T resource)
        where T : IDisposable
    {
        _open.Add(resource);
        return resource;
    }

    private protected static string Read(Socket client)
    {
        var buffer = new byte[512];
        return Encoding.ASCII.GetString(buffer, 0, client.Receive(buffer));
    }

    /// <summary>Receives what has been sent; on loopback it is there already, but a system may be slow about it.</summary>
    private protected int Receive(IDatagramSocket socket)
    {
        using var waiter = Network!.CreateWaiter();
        waiter.Add(socket, 0);
        waiter.Wait(stackalloc int[1], WaitMilliseconds);
        var count = socket.Receive(Batch);
        waiter.Remove(socket);
        return count;
    }

    private static async Task<int> WaitOnAThreadOfItsOwn(IDatagramWaiter waiter)
    {
        using var started = new ManualResetEventSlim();
        var waiting = Task.Factory.StartNew(
            () =>
            {
                started.Set();
                return waiter.Wait(new int[8], -1);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        started.Wait();
        return await waiting.WaitAsync(TimeSpan.FromMinutes(1));
    }

    private void Exchange(IDatagramSocket listener, IDatagramSocket upstream, IDatagramWaiter waiter, int datagrams)
    {
        Span<int> ready = stackalloc int[4];
        for (var done = 0; done < datagrams;)
        {
            Batch.Count = 10;
            for (var i = 0; i < Batch.Count; i++)
            {
                Batch[i].Length = 40;
            }

            upstream.Send(Batch);
            waiter.Wait(ready, WaitMilliseconds);
            listener.Receive(Batch);
            listener.Send(Batch);
            waiter.Wait(ready, WaitMilliseconds);
            done += upstream.Receive(Batch);
        }
    }
}
