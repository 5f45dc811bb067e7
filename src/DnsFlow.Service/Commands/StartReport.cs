using System.Net;
using System.Net.Sockets;
using DnsFlow.Server;

namespace DnsFlow.Service.Commands;

/// <summary>The first lines a person sees: where the proxy listens, whom it asks, what it serves, and a query to try.</summary>
internal static class StartReport
{
    /// <summary>Writes them.</summary>
    public static void Write(TextWriter writer, ServerSummary summary, IReadOnlyList<string> statistics, IReadOnlyList<string>? sockets = null)
    {
        writer.WriteLine(ProgramVersion.Long);
        foreach (var listener in summary.Listeners)
        {
            writer.WriteLine($"  listening   {listener.Endpoint} ({string.Join(", ", listener.Transports)})");
        }

        foreach (var certificate in summary.Certificates)
        {
            writer.WriteLine(FormattableString.Invariant($"  certificate {certificate.File}, valid until {certificate.Until:yyyy-MM-dd}, pin sha256 {certificate.Pin}"));
            if (certificate.IsSelfSigned)
            {
                writer.WriteLine("              self-signed: let clients trust that file, or pin its key; docs/encryption.md shows how");
            }
        }

        foreach (var group in summary.Upstreams)
        {
            writer.WriteLine($"  upstreams   {group.Group}: {(group.Servers.Count == 0 ? "none found" : string.Join(", ", group.Servers))}");
        }

        foreach (var zone in summary.Zones)
        {
            writer.WriteLine($"  zone        {zone.Origin} ({zone.Names} {(zone.Names == 1 ? "name" : "names")})");
        }

        foreach (var address in statistics)
        {
            writer.WriteLine($"  statistics  {address}/stats");
        }

        foreach (var socket in sockets ?? [])
        {
            writer.WriteLine($"  control     {socket}");
        }

        foreach (var warning in summary.Warnings)
        {
            writer.WriteLine($"  warning     {warning}");
        }

        if (Try(summary) is { } query)
        {
            writer.WriteLine($"  try         {query}");
        }
    }

    private static string? Try(ServerSummary summary)
    {
        if (summary.Listeners.Count == 0)
        {
            return null;
        }

        var endpoint = (summary.Listeners.FirstOrDefault(listener => listener.Endpoint.AddressFamily == AddressFamily.InterNetwork) ?? summary.Listeners[0]).Endpoint;
        var address = endpoint.Address.Equals(IPAddress.Any) ? IPAddress.Loopback : endpoint.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : endpoint.Address;
        var name = summary.Zones.Select(zone => zone.Example).FirstOrDefault(example => example is not null) ?? "localhost";
        return $"dig @{address}{(endpoint.Port == 53 ? "" : $" -p {endpoint.Port}")} {name}";
    }
}
