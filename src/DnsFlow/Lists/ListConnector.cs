using System.Net.Sockets;
using System.Net;
using DnsFlow.Flows;
using DnsFlow.Transports.Dialing;

namespace DnsFlow.Lists;

/// <summary>Connects to the hosts of lists.</summary>
internal sealed class ListConnector(BootstrapResolver resolver)
{
    /// <summary>Set on requests that a server redirected: they may not lead into the own network.</summary>
    public static readonly HttpRequestOptionsKey<bool> IsRedirected = new("DnsFlow.IsRedirected");

    // Beside the private networks: this network, shared addresses (RFC 6598), protocol assignments, multicast and what is reserved.
    private static readonly NetworkSet s_notPublic = new(
    [
        .. NetworkSet.LoopbackAndPrivate, IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("192.0.0.0/24"), IPNetwork.Parse("224.0.0.0/3"),
        IPNetwork.Parse("::/128"), IPNetwork.Parse("ff00::/8"), IPNetwork.Parse("64:ff9b::/96"),
    ]);

    /// <summary>Whether an address may be reached by a redirect.</summary>
    public static bool IsPublic(IPAddress address) => !s_notPublic.Contains(FlowEndpoint.From(address, 0));

    /// <summary>Connects; throws <see cref="HttpRequestException"/> with a sentence for people.</summary>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var host = context.DnsEndPoint.Host;
        IReadOnlyList<IPAddress> addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await resolver.ResolveAsync(host, cancellationToken).ConfigureAwait(false);
        if (context.InitialRequestMessage.Options.TryGetValue(IsRedirected, out var isRedirected) && isRedirected)
        {
            addresses = [.. addresses.Where(IsPublic)];
            if (addresses.Count == 0)
            {
                throw new HttpRequestException($"it is redirected to '{host}', which has no public address");
            }
        }

        return await ConnectAsync(host, addresses, context.DnsEndPoint.Port, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask<Stream> ConnectAsync(string host, IReadOnlyList<IPAddress> addresses, int port, CancellationToken cancellationToken)
    {
        SocketException? last = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), cancellationToken).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException exception)
            {
                last = exception;
                socket.Dispose();
            }
            catch (OperationCanceledException)
            {
                socket.Dispose();
                throw;
            }
        }

        throw new HttpRequestException($"'{host}' does not answer", last);
    }
}
