using System.Net;
using System.Net.Sockets;
using DnsFlow.Server;

namespace DnsFlow.Service.Systemd;

/// <summary>Asks our own UDP listener for <c>localhost</c>, a name that is always answered from here.</summary>
internal sealed class SelfProbe(IProxyServer server)
{
    private IPEndPoint? _target;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private static readonly byte[] Query =
        [0x64, 0x66, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 9, .. "localhost"u8, 0, 0, 1, 0, 1];

    /// <summary>Whether an answer came within a second.</summary>
    public async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        // Asked once: listeners stay as they are, and a stop may begin at any time.
        if ((_target ??= Target()) is not { } target)
        {
            return false;
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        try
        {
            using var socket = new Socket(target.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            await socket.ConnectAsync(target, deadline.Token);
            await socket.SendAsync(Query, deadline.Token);
            var response = new byte[512];
            var length = await socket.ReceiveAsync(response, deadline.Token);
            return length >= 12 && response[0] == Query[0] && response[1] == Query[1] && (response[2] & 0x80) != 0;
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
    }

    private IPEndPoint? Target()
    {
        var listeners = server.Describe().Listeners.Where(listener => listener.Transports.Contains("udp")).Select(listener => listener.Endpoint).ToList();
        var target = listeners.Find(endpoint => IPAddress.IsLoopback(endpoint.Address)) ?? listeners.FirstOrDefault();
        return target is null ? null
            : target.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, target.Port)
            : target.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.IPv6Loopback, target.Port)
            : target;
    }
}
