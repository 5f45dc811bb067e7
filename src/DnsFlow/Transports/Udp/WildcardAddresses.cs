using System.Net.NetworkInformation;
using System.Net.Sockets;
using DnsFlow.Flows;

namespace DnsFlow.Transports.Udp;

/// <summary>
/// The local addresses a wildcard stands for. Where a socket cannot choose the source of each response
/// (<see cref="IDatagramNetwork.SelectsSourceAddress"/>), one listener per address takes the wildcard's place.
/// </summary>
internal static class WildcardAddresses
{
    /// <summary>
    /// The addresses of all interfaces that are up, in a stable order: of IPv4 for <c>0.0.0.0</c>, of both families for <c>[::]</c>.
    /// An address that is no wildcard stands for itself. Addresses that appear later are not covered: call again when the system reports a change.
    /// </summary>
    public static IReadOnlyList<FlowEndpoint> Expand(FlowEndpoint address)
    {
        if (!address.IsAny)
        {
            return [address];
        }

        return
        [
            .. NetworkInterface.GetAllNetworkInterfaces()
                .Where(network => network.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown)
                .SelectMany(network => network.GetIPProperties().UnicastAddresses)
                .Where(unicast => unicast.Address.AddressFamily == AddressFamily.InterNetwork || !address.IsIPv4)
                .Select(unicast => FlowEndpoint.From(unicast.Address, address.Port))
                .Distinct()
                .OrderBy(endpoint => endpoint.High).ThenBy(endpoint => endpoint.Low).ThenBy(endpoint => endpoint.Scope),
        ];
    }
}
