using System.Net;
using System.Net.Sockets;
using DnsFlow.Server;
using DnsFlow.Settings;

namespace DnsFlow.Service.Commands;

/// <summary>Tries whether addresses could be listened on. A proxy that runs already holds its own: what is found is a warning.</summary>
internal static class PortCheck
{
    /// <summary>What cannot be bound now, one line each.</summary>
    public static IReadOnlyList<string> Warnings(ProxyOptions options)
    {
        var warnings = new List<string>();
        foreach (var (name, listener) in options.Listeners)
        {
            for (var i = 0; i < listener.Endpoints.Count; i++)
            {
                if (ListenText.Parse(listener.Endpoints[i]) is [var endpoint, ..] && Try(endpoint) is { } problem)
                {
                    warnings.Add($"DnsFlow:Listeners:{name}:Endpoints:{i}  '{listener.Endpoints[i]}' {problem}");
                }
            }
        }

        return warnings;
    }

    private static string? Try(EndpointText endpoint)
    {
        var address = new IPEndPoint(endpoint.Address, endpoint.Port);
        return (endpoint.HasUdp ? Try(address, SocketType.Dgram, ProtocolType.Udp) : null) ?? (endpoint.Scheme != "udp" ? Try(address, SocketType.Stream, ProtocolType.Tcp) : null);
    }

    private static string? Try(IPEndPoint address, SocketType type, ProtocolType protocol)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, type, protocol);
            socket.Bind(address);
            return null;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => "is in use by a running program",
                SocketError.AddressNotAvailable => "is not an address of this machine",
                SocketError.AccessDenied => "may not be used by this user; ports below 1024 need the capability CAP_NET_BIND_SERVICE",
                _ => exception.Message,
            };
        }
    }
}
