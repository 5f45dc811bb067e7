using System.Net.Sockets;
using System.Text;
using DnsFlow.Flows;
using DnsFlow.Transports;

namespace DnsFlow.Tests.Transports;

/// <summary>A network of real datagram sockets under test, and the sockets of a test, which are closed with it.</summary>
public abstract class UdpNetworkTests : IDisposable
{
    private protected static readonly FlowEndpoint Loopback4 = FlowEndpoint.FromIPv4(0x7F00_0001, 0);
    private protected static readonly FlowEndpoint Loopback6 = new(0, 1, 0, 0);
    private protected const int WaitMilliseconds = 5_000; // never reached: what is waited for has been sent already

    private readonly List<IDisposable> _open = [];

    private protected abstract IDatagramNetwork Network { get; }

    private protected DatagramBatch Batch { get; } = new(32, 512);

    public void Dispose()
    {
        _open.ForEach(o => o.Dispose());
        Batch.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected IDatagramSocket Listen(FlowEndpoint address, bool shared = false) => Keep(Network.Listen(address, shared));

    private protected IDatagramSocket Connect(FlowEndpoint upstream) => Keep(Network.Connect(upstream));

    private protected IDatagramWaiter Waiter() => Keep(Network.CreateWaiter());

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
        using var waiter = Network.CreateWaiter();
        waiter.Add(socket, 0);
        waiter.Wait(stackalloc int[1], WaitMilliseconds);
        var count = socket.Receive(Batch);
        waiter.Remove(socket);
        return count;
    }
}
