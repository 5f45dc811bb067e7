using System.Net;
using System.Net.Sockets;
using DnsFlow.Flows;
using DnsFlow.Transports;
using DnsFlow.Transports.Udp;
using DnsFlow.Transports.Udp.Linux;
using DnsFlow.Transports.Udp.Portable;

namespace DnsFlow.Tests.Transports;

/// <summary>The system calls of Linux, and what only they do. Elsewhere the tests of every network are about the framework's sockets once more, and the others have nothing to do.</summary>
public class UdpLinuxSocketTests : UdpSocketTests
{
    private static readonly FlowEndpoint Any4 = FlowEndpoint.FromIPv4(0, 0);
    private static readonly FlowEndpoint Any6 = FlowEndpoint.From(IPAddress.IPv6Any, 0);

    private protected override IDatagramNetwork Network { get; } =
        LinuxDatagramNetwork.IsSupported ? new LinuxDatagramNetwork(new DatagramSocketOptions()) : new SocketDatagramNetwork(new DatagramSocketOptions());

    [Theory]
    [InlineData("0.0.0.0", "127.0.0.1")]
    [InlineData("0.0.0.0", "127.0.0.2")]
    [InlineData("::", "127.0.0.1")]
    [InlineData("::", "127.0.0.2")]
    [InlineData("::", "::1")]
    public void Send_FromAWildcard_LeavesFromTheAddressThatWasAsked(string wildcard, string asked)
    {
        if (!LinuxDatagramNetwork.IsSupported)
        {
            return;
        }

        var listener = Listen(FlowEndpoint.From(IPAddress.Parse(wildcard), 0));
        var destination = FlowEndpoint.From(IPAddress.Parse(asked), listener.LocalEndpoint.Port);
        var client = Client(destination); // connected: hears this one address only
        client.Send("where?"u8);

        Assert.Equal(1, Receive(listener));
        Assert.Equal(destination, Batch[0].Local);
        Assert.Equal(FlowEndpoint.From((IPEndPoint)client.LocalEndPoint!), Batch[0].Remote);
        Assert.Equal(1, listener.Send(Batch.AnsweredWith("here")));
        Assert.Equal("here", Read(client));
    }

    [Fact]
    public void Send_BothFamiliesInOneBatchOfADualStackListener_AllArrive()
    {
        if (!LinuxDatagramNetwork.IsSupported)
        {
            return;
        }

        var listener = Listen(Any6);
        var port = listener.LocalEndpoint.Port;
        var four = Client(FlowEndpoint.FromIPv4(0x7F00_0003, port));
        var six = Client(Loopback6 with { Port = port });
        four.Send("4"u8);
        six.Send("6"u8);
        four.Send("4"u8);

        Assert.Equal(3, Receive(listener));
        Assert.Equal([true, false, true], [Batch[0].Remote.IsIPv4, Batch[1].Remote.IsIPv4, Batch[2].Remote.IsIPv4]);
        Assert.Equal(3, listener.Send(Batch.AnsweredWith("here")));
        Assert.Equal(["here", "here", "here"], [Read(four), Read(six), Read(four)]);
    }

    [Fact]
    public void Receive_OneWildcardAfterTheOther_ReadsWholePacketInfo()
    {
        if (!LinuxDatagramNetwork.IsSupported)
        {
            return;
        }

        var four = Listen(Any4);
        var six = Listen(Any6);
        for (var round = 0; round < 2; round++)
        {
            Client(Loopback4 with { Port = four.LocalEndpoint.Port }).Send("4"u8);
            Assert.Equal(1, Receive(four));
            Assert.Equal(Loopback4 with { Port = four.LocalEndpoint.Port }, Batch[0].Local);

            Client(Loopback6 with { Port = six.LocalEndpoint.Port }).Send("6"u8);
            Assert.Equal(1, Receive(six));
            Assert.Equal(Loopback6 with { Port = six.LocalEndpoint.Port }, Batch[0].Local);
        }
    }

    [Fact]
    public void Send_LinkLocalWildcard_KeepsTheInterface()
    {
        var linkLocal = WildcardAddresses.Expand(Any6).FirstOrDefault(address => address.IsLinkLocal);
        if (!LinuxDatagramNetwork.IsSupported || linkLocal == default)
        {
            return;
        }

        var listener = Listen(Any6);
        var client = Client(linkLocal with { Port = listener.LocalEndpoint.Port });
        client.Send("where?"u8);
        Assert.Equal(1, Receive(listener));
        Assert.Equal(linkLocal with { Port = listener.LocalEndpoint.Port }, Batch[0].Local);
        Assert.NotEqual(0u, Batch[0].Remote.Scope);
        Assert.Equal(1, listener.Send(Batch.AnsweredWith("here")));
        Assert.Equal("here", Read(client));
    }

    [Fact]
    public void Listen_WildcardBesideAnIPv4Listener_LeavesIPv4ToIt()
    {
        if (!LinuxDatagramNetwork.IsSupported)
        {
            return;
        }

        var four = Listen(Any4);
        var port = four.LocalEndpoint.Port;
        var six = Listen(Any6 with { Port = port });
        Client(Loopback4 with { Port = port }).Send("4"u8);
        Client(Loopback6 with { Port = port }).Send("6"u8);
        Assert.Equal(1, Receive(four));
        Assert.Equal("4", Batch.Text(0));
        Assert.Equal(1, Receive(six));
        Assert.Equal("6", Batch.Text(0));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::")]
    public void Listen_Shared_SpreadsClientsOverTheSockets(string address)
    {
        if (!LinuxDatagramNetwork.IsSupported)
        {
            return;
        }

        var first = Listen(FlowEndpoint.From(IPAddress.Parse(address), 0), shared: true);
        var second = Listen(first.LocalEndpoint, shared: true);
        var third = Listen(first.LocalEndpoint, shared: true);
        for (var i = 0; i < 60; i++)
        {
            Client(Loopback4 with { Port = first.LocalEndpoint.Port }).Send("x"u8);
        }

        int[] counts = [ReceiveAll(first), ReceiveAll(second), ReceiveAll(third)];
        Assert.Equal(60, counts.Sum());
        Assert.All(counts, count => Assert.True(count > 0, "a socket got no client at all")); // 3 * (2/3)^60 by chance
    }

    [Fact]
    public void Listen_SharedByAnotherInstance_IsRefused()
    {
        if (!LinuxDatagramNetwork.IsSupported)
        {
            return;
        }

        // SO_REUSEPORT alone would let the second one in, and half of the flows would go there.
        var held = Listen(Loopback4, shared: true).LocalEndpoint;
        var second = new LinuxDatagramNetwork(new DatagramSocketOptions());
        var refusal = Assert.Throws<SocketException>(() => second.Listen(held, shared: true));
        Assert.Equal(SocketError.AddressAlreadyInUse, refusal.SocketErrorCode);
    }

    [Fact]
    public void Listen_AfterAllSharedSocketsAreGone_TheAddressIsFree()
    {
        if (!LinuxDatagramNetwork.IsSupported)
        {
            return;
        }

        var first = Network.Listen(Loopback4, shared: true);
        var second = Network.Listen(first.LocalEndpoint, shared: true);
        first.Dispose();
        second.Dispose();
        var other = new LinuxDatagramNetwork(new DatagramSocketOptions());
        using var again = other.Listen(second.LocalEndpoint, shared: true);
        Assert.Equal(second.LocalEndpoint, again.LocalEndpoint);
    }

    [Fact]
    public void KernelDrops_FullReceiveBuffer_CountsEveryLostDatagram()
    {
        if (!LinuxDatagramNetwork.IsSupported)
        {
            return;
        }

        var network = new LinuxDatagramNetwork(new DatagramSocketOptions { ReceiveBufferBytes = 4096 });
        var listener = Keep(network.Listen(Loopback4, shared: false));
        var client = Client(listener.LocalEndpoint);
        Assert.Equal(0, listener.KernelDrops);
        for (var i = 0; i < 200; i++)
        {
            client.Send(new byte[400]);
        }

        var received = ReceiveAll(listener);
        Assert.InRange(received, 1, 199);
        Assert.Equal(200 - received, listener.KernelDrops);
    }

    [Fact]
    public void Adopt_InheritedWildcardSocket_AnswersFromTheAddressThatWasAsked()
    {
        if (!LinuxDatagramNetwork.IsSupported)
        {
            return;
        }

        var inherited = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        inherited.Bind(new IPEndPoint(IPAddress.Any, 0));
        var listener = Keep(Network.Adopt(inherited));
        var client = Client(FlowEndpoint.FromIPv4(0x7F00_0002, listener.LocalEndpoint.Port));
        client.Send("where?"u8);
        Assert.Equal(1, Receive(listener));
        Assert.Equal(1, listener.Send(Batch.AnsweredWith("here")));
        Assert.Equal("here", Read(client));
    }

    [Fact]
    public void Adopt_StreamSocket_Throws()
    {
        using var stream = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        stream.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Assert.Throws<ArgumentException>(() => (Network ?? UdpNetwork.Create()).Adopt(stream));
    }

    [Fact]
    public void Send_LargerThanTheInterfaceAllows_IsDroppedNotFragmented()
    {
        var outside = WildcardAddresses.Expand(Any4).FirstOrDefault(address => !address.IsLoopback);
        if (!LinuxDatagramNetwork.IsSupported || outside == default)
        {
            return;
        }

        // Loopback takes 64 KiB; an address of TEST-NET-1 leaves by the default route when there is one. Nobody answers, nobody needs to.
        using var large = new DatagramBatch(1, 60_000);
        large.Add("");
        large[0].Length = 60_000;
        try
        {
            Assert.Equal(0, Connect(FlowEndpoint.FromIPv4(outside.IPv4 ^ 1, 9)).Send(large));
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.NetworkUnreachable or SocketError.HostUnreachable)
        {
            // No route from here: nothing to see.
        }
    }

    private int ReceiveAll(IDatagramSocket socket)
    {
        var total = 0;
        while (socket.Receive(Batch) is var count and > 0)
        {
            total += count;
        }

        return total;
    }
}
