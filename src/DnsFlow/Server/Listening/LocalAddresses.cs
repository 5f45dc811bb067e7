using System.Net.NetworkInformation;
using DnsFlow.Flows;

namespace DnsFlow.Server.Listening;

/// <summary>The addresses of this machine, as they are at the moment of asking.</summary>
internal static class LocalAddresses
{
    /// <summary>Whether an endpoint's address is one of this machine's.</summary>
    public static bool Contains(FlowEndpoint endpoint) => endpoint.IsLoopback
        || NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(link => link.GetIPProperties().UnicastAddresses)
            .Any(own => FlowEndpoint.From(own.Address, endpoint.Port) == endpoint);
}
