using System.Net;
using System.Net.Sockets;

namespace DnsFlow.Flows;

/// <summary>
/// An immutable set of networks, asked for single addresses without allocating. IPv4 networks match IPv4 clients on any socket;
/// IPv6 networks, <c>::/0</c> too, do not.
/// </summary>
public sealed class NetworkSet
{
    private readonly Network[] _networks;

    /// <summary>Makes a set; an empty one contains nothing.</summary>
    public NetworkSet(IEnumerable<IPNetwork> networks) => _networks = [.. networks.Select(Compile)];

    /// <summary>Loopback, private (RFC 1918), link-local and unique local (RFC 4193) networks: who may ask unless configured otherwise.</summary>
    public static IReadOnlyList<IPNetwork> LoopbackAndPrivate { get; } =
    [
        IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("::1/128"), IPNetwork.Parse("fc00::/7"), IPNetwork.Parse("fe80::/10"),
    ];

    /// <summary>Whether the endpoint's address lies in one of the networks.</summary>
    public bool Contains(in FlowEndpoint endpoint)
    {
        foreach (ref readonly var network in _networks.AsSpan())
        {
            if ((endpoint.High & network.HighMask) == network.High && (endpoint.Low & network.LowMask) == network.Low
                && endpoint.IsIPv4 == network.IsIPv4)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The masks that keep the first <paramref name="length"/> bits of 128.</summary>
    internal static (ulong High, ulong Low) Mask(int length) => (
        length >= 64 ? ulong.MaxValue : length == 0 ? 0 : ulong.MaxValue << (64 - length),
        length <= 64 ? 0 : ulong.MaxValue << (128 - length));

    private static Network Compile(IPNetwork network)
    {
        var length = network.PrefixLength + (network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? 96 : 0);
        var endpoint = FlowEndpoint.From(network.BaseAddress, 0);
        var (high, low) = Mask(length);
        return new Network(endpoint.High & high, endpoint.Low & low, high, low, length >= 96 && endpoint.IsIPv4);
    }

    private readonly record struct Network(ulong High, ulong Low, ulong HighMask, ulong LowMask, bool IsIPv4);
}
