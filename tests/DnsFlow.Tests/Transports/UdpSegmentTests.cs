using System.Net;
using System.Net.Sockets;
using DnsFlow.Flows;
using DnsFlow.Transports;
using DnsFlow.Transports.Udp;
using DnsFlow.Transports.Udp.Linux;

namespace DnsFlow.Tests.Transports;

/// <summary>Several datagrams in one message (UDP_SEGMENT), and connecting anew: Linux only, on real sockets.</summary>
public sealed class UdpSegmentTests : IDisposable
{
    private readonly LinuxDatagramNetwork? _network = LinuxDatagramNetwork.IsSupported ? new LinuxDatagramNetwork(new DatagramSocketOptions()) : null;
    private readonly DatagramBatch _batch = new(32, 512);
    private readonly List<IDisposable> _open = [];

    public void Dispose()
    {
        _open.ForEach(open => open.Dispose());
        _batch.Dispose();
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("0.0.0.0", true)]
    [InlineData("::", true)]
    [InlineData("127.0.0.1", false)]
    public void Send_ResponsesOfManyLengthsToFewClients_EachGetsItsOwnWhole(string address, bool deviceCutsSegments)
    {
        if (_network is null)
        {
            return;
        }

        var listener = Keep((LinuxDatagramSocket)_network.Listen(FlowEndpoint.From(IPAddress.Parse(address), 0), shared: false));
        var server = FlowEndpoint.FromIPv4(0x7F000001, listener.LocalEndpoint.Port);
        if (!deviceCutsSegments)
        {
            ForbidSegments(listener.Descriptor);
        }

        Socket[] clients = [Client(server), Client(server), Client(server)];
        var expected = clients.Select(_ => new List<string>()).ToArray();
        for (var i = 0; i < 32; i++)
        {
            var client = i / 3 % 3;
            var text = $"{i}:{new string('x', i * 7 % 5)}";
            expected[client].Add(text);
            _batch.Add(text, FlowEndpoint.From((IPEndPoint)clients[client].LocalEndPoint!), server);
        }

        Assert.Equal(32, listener.Send(_batch));
        Assert.All(clients.Zip(expected), pair => Assert.Equal(pair.Second.Order(), pair.Second.Select(_ => Read(pair.First)).Order()));
    }

    [Fact]
    public void Send_QueriesToOneServer_AllArriveWholeAndTheHeadersReceiveAfterwards()
    {
        if (_network is null)
        {
            return;
        }

        var server = Server();
        var socket = Keep(_network.Connect(FlowEndpoint.From((IPEndPoint)server.LocalEndPoint!)));
        var texts = Enumerable.Range(0, 32).Select(i => $"{i}:{new string('q', i % 6)}").ToArray();
        foreach (var text in texts)
        {
            _batch.Add(text);
        }

        Assert.Equal(32, socket.Send(_batch));
        Assert.Equal(texts.Order(), texts.Select(_ => Read(server)).Order());
        server.SendTo("first"u8, socket.LocalEndpoint.ToIPEndPoint());
        server.SendTo("and the second"u8, socket.LocalEndpoint.ToIPEndPoint());
        Assert.Equal(2, socket.Receive(_batch));
        Assert.Equal(["first", "and the second"], _batch.Texts());
    }

    [Fact]
    public void TryConnect_Anew_LeavesByAnotherPortAndWhatCameToTheOldOneIsGone()
    {
        if (_network is null)
        {
            return;
        }

        Socket first = Server(), second = Server();
        var socket = Keep(_network.Connect(FlowEndpoint.From((IPEndPoint)first.LocalEndPoint!)));
        var old = socket.LocalEndpoint;
        first.SendTo("hoped for a later question"u8, old.ToIPEndPoint());

        Assert.True(socket.TryConnect(FlowEndpoint.From((IPEndPoint)second.LocalEndPoint!)));
        Assert.NotEqual(old.Port, socket.LocalEndpoint.Port);
        first.SendTo("too late"u8, old.ToIPEndPoint());
        first.SendTo("not its peer"u8, socket.LocalEndpoint.ToIPEndPoint());
        second.SendTo("answer"u8, socket.LocalEndpoint.ToIPEndPoint());
        Assert.Equal(1, socket.Receive(_batch));
        Assert.Equal(["answer"], _batch.Texts());
    }

    [Fact]
    public void TryConnect_AnotherFamily_IsRefused()
    {
        if (_network is null)
        {
            return;
        }

        var socket = Keep(_network.Connect(FlowEndpoint.FromIPv4(0x7F000001, 53)));
        Assert.False(socket.TryConnect(new FlowEndpoint(0, 1, 0, 53)));
    }

    /// <summary>Without checksums the kernel refuses segments, as it does where a device cannot make them.</summary>
    private static void ForbidSegments(int descriptor)
    {
        const int levelSocket = 1;
        const int noChecksums = 11;
        using var handle = new SafeSocketHandle(descriptor, ownsHandle: false);
        using var socket = new Socket(handle);
        socket.SetRawSocketOption(levelSocket, noChecksums, BitConverter.GetBytes(1));
    }

    private static string Read(Socket socket)
    {
        var buffer = new byte[512];
        socket.ReceiveTimeout = 5_000;     // never reached
        return System.Text.Encoding.ASCII.GetString(buffer, 0, socket.Receive(buffer));
    }

    private Socket Server()
    {
        var server = Keep(new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return server;
    }

    private Socket Client(FlowEndpoint server)
    {
        var client = Keep(new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        client.Connect(server.ToIPEndPoint());
        return client;
    }

    private T Keep<T>(T resource)
        where T : IDisposable
    {
        _open.Add(resource);
        return resource;
    }
}
