using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace DnsFlow.Service.Commands;

/// <summary>Where a running host serves statistics.</summary>
internal static class HostAddresses
{
    /// <summary>The addresses with their real ports; empty when there are none.</summary>
    public static IReadOnlyList<string> Of(IHost host, CheckedStart start)
        => start.Endpoints.Count == 0 ? []
            : [.. (host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? []).Where(IsNetwork)];

    // The control socket is listed, too, by its descriptor.
    private static bool IsNetwork(string address)
        => Uri.TryCreate(address, UriKind.Absolute, out var uri) && (uri.Host == "localhost" || System.Net.IPAddress.TryParse(uri.Host.Trim('[', ']'), out _));
}
