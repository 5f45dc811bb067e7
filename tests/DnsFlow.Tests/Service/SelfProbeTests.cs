using System.Net;
using System.Net.Sockets;
using DnsFlow.Server;
using DnsFlow.Service.Systemd;

namespace DnsFlow.Tests.Service;

public class SelfProbeTests
{
    [Fact]
    public async Task AnswersAsync_ListenerAnswers_IsTrue()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var probe = new SelfProbe(ServerAt(new IPEndPoint(IPAddress.Any, ((IPEndPoint)socket.LocalEndPoint!).Port)));

        var asking = probe.AnswersAsync(CancellationToken.None);
        var buffer = new byte[512];
        var query = await socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
        Assert.Equal(27, query.ReceivedBytes);
        Assert.Equal(DnsFlow.Protocol.QueryStatus.Ok, DnsFlow.Protocol.QueryView.TryParse(buffer.AsSpan(0, query.ReceivedBytes), out _));
        buffer[2] |= 0x80;
        await socket.SendToAsync(buffer.AsMemory(0, query.ReceivedBytes), query.RemoteEndPoint);

        Assert.True(await asking);
    }

    [Fact]
    public async Task AnswersAsync_NobodyListens_IsFalse()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var endpoint = (IPEndPoint)socket.LocalEndPoint!;
        socket.Dispose();
        Assert.False(await new SelfProbe(ServerAt(endpoint)).AnswersAsync(CancellationToken.None));
    }

    [Fact]
    public async Task AnswersAsync_NoUdpListener_IsFalse()
        => Assert.False(await new SelfProbe(new FakeProxyServer { Summary = new ServerSummary() }).AnswersAsync(CancellationToken.None));

    private static FakeProxyServer ServerAt(IPEndPoint endpoint)
        => new() { Summary = new ServerSummary { Listeners = [new ListenerSummary("local", endpoint, ["udp", "tcp"])] } };
}
