using System.Net;
using System.Net.Sockets;

namespace DnsFlow.Transports.Dialing;

/// <summary>In which order the addresses of a server are tried, and how soon (RFC 8305).</summary>
internal static class HappyEyeballs
{
    /// <summary>How long an address has before the next is tried beside it (RFC 8305 section 5).</summary>
    public static readonly TimeSpan AttemptDelay = TimeSpan.FromMilliseconds(250);

    /// <summary>The addresses in the order in which they are tried.</summary>
    public static List<IPAddress> Sort(IEnumerable<IPAddress> addresses)
    {
        var byFamily = addresses.Distinct().GroupBy(static address => address.AddressFamily).OrderBy(static group => group.Key == AddressFamily.InterNetworkV6 ? 0 : 1).Select(static group => group.ToList()).ToList();
        var longest = byFamily.Count == 0 ? 0 : byFamily.Max(static group => group.Count);
        return [.. Enumerable.Range(0, longest).SelectMany(i => byFamily.Where(group => i < group.Count).Select(group => group[i]))];
    }
}
