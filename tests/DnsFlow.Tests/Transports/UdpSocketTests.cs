using System.Net;
using System.Net.Sockets;
using System.Text;
using DnsFlow.Flows;
using DnsFlow.Transports;

namespace DnsFlow.Tests.Transports;

/// <summary>What the sockets of every network of real datagram sockets do, on loopback. The subclasses name the implementation.</summary>
public abstract class UdpSocketTests : UdpNetworkTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void Receive_SeveralDatagrams_FillsTheBatchWithBothEndpoints(string address)
    {
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
        Assert.Equal(0, Listen(Loopback4).Receive(Batch));
        Assert.Equal(0, Connect(Listen(Loopback4).LocalEndpoint).Receive(Batch));
    }

    [Fact]
    public void Receive_MoreThanTheBatchHolds_LeavesTheRestForTheNextCall()
    {
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
        var target = Listen(Loopback4).LocalEndpoint;
        var ports = Enumerable.Range(0, 20).Select(_ => (int)Connect(target).LocalEndpoint.Port).ToArray();
        Assert.Equal(20, ports.Distinct().Count());
        Assert.NotEqual(ports.Order(), ports);
    }

    [Fact]
    public void Connect_OnlyThePeerIsHeard()
    {
        var upstream = Connect(Listen(Loopback4).LocalEndpoint);
        using var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        stranger.SendTo("forged"u8, upstream.LocalEndpoint.ToIPEndPoint());
        Assert.Equal(0, upstream.Receive(Batch));
    }

    [Fact]
    public void Listen_AddressHeldByAnother_IsRefused()
    {
        var held = Listen(Loopback4).LocalEndpoint;
        Assert.Throws<SocketException>(() => Network.Listen(held, shared: false));
        Assert.Throws<SocketException>(() => Network.Listen(held, shared: true));
    }

    [Fact]
    public void Send_OneDatagramToNobody_IsNotCountedAsSent()
    {
        var listener = Listen(Loopback4);
        Batch.Count = 1;
        Batch[0].Remote = Loopback6 with { Port = 9 };      // a socket of IPv4 cannot reach it
        Batch[0].Length = 2;
        Assert.Equal(0, listener.Send(Batch));
    }

    [Fact]
    public void ReceiveAndSend_TenThousandDatagrams_AllocateNothing()
    {
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
