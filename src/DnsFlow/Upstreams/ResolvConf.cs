using System.Net;
using DnsFlow.Flows;

namespace DnsFlow.Upstreams;

/// <summary>Reads the <c>nameserver</c> lines of a resolv.conf (resolv.conf(5)). Anything else in it is left to the stub resolvers.</summary>
internal static class ResolvConf
{
    private const int MaxServers = 16;

    /// <summary>The servers in order, port 53, each once; lines that are not understood are skipped, as the C library does.</summary>
    public static List<FlowEndpoint> Parse(string text)
    {
        var servers = new List<FlowEndpoint>();
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (TryParseLine(line, out var server) && !servers.Contains(server) && servers.Count < MaxServers)
            {
                servers.Add(server);
            }
        }

        return servers;
    }

    private static bool TryParseLine(ReadOnlySpan<char> line, out FlowEndpoint server)
    {
        server = default;
        const string Keyword = "nameserver";
        if (!line.StartsWith(Keyword, StringComparison.Ordinal) || line.Length == Keyword.Length || !IsBlank(line[Keyword.Length]))
        {
            return false;
        }

        var value = line[Keyword.Length..].Trim();
        var end = value.IndexOfAny(" \t#;");
        if (!IPAddress.TryParse(end < 0 ? value : value[..end], out var address))
        {
            return false;
        }

        server = FlowEndpoint.From(address, 53);
        return !server.IsAny;
    }

    private static bool IsBlank(char c) => c is ' ' or '\t';
}
