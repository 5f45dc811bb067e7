using System.Globalization;
using System.Net.NetworkInformation;
using DnsFlow.Flows;

namespace DnsFlow.Server;

/// <summary>
/// Finds the processes of this machine that flows come from, for people: by the kernel's tables of sockets and the open files of processes, as <c>/proc</c> tells them at
/// the moment of asking. Only where there is one; processes of others are seen as far as our rights go.
/// </summary>
/// <param name="folder">Where <c>proc</c> is.</param>
/// <param name="maxFiles">The most open files that are looked at.</param>
internal sealed class LocalProcesses(string folder = "/proc", int maxFiles = 65_536)
{
    private const string SocketLink = "socket:[";
    private static readonly string[] s_datagrams = ["udp", "udp6"];
    private static readonly string[] s_streams = ["tcp", "tcp6"];

    /// <summary>The process at the client's end of each flow, <c>1234/dig</c>, as far as it is found.</summary>
    public IReadOnlyDictionary<FlowKey, string> Find(IReadOnlyCollection<FlowKey> flows, CancellationToken cancellationToken)
    {
        var found = new Dictionary<FlowKey, string>();
        if (flows.Count == 0 || !Directory.Exists(Path.Combine(folder, "net")))
        {
            return found;
        }

        var own = NetworkInterface.GetAllNetworkInterfaces().SelectMany(static link => link.GetIPProperties().UnicastAddresses)
            .Select(static address => FlowEndpoint.From(address.Address, 0)).Select(static endpoint => (endpoint.High, endpoint.Low)).ToHashSet();
        var local = flows.Where(flow => flow.Local.IsLoopback || own.Contains((flow.Local.High, flow.Local.Low))).ToList();
        var sockets = new Dictionary<string, List<FlowKey>>();
        foreach (var kind in local.GroupBy(static flow => flow.Transport == FlowTransport.Udp))
        {
            var byPort = kind.ToLookup(static flow => flow.Local.Port);
            foreach (var table in kind.Key ? s_datagrams : s_streams)
            {
                Match(Path.Combine(folder, "net", table), byPort, sockets);
            }
        }

        if (sockets.Count > 0)
        {
            FindHolders(sockets, found, cancellationToken);
        }

        return found;
    }

    private static void Match(string table, ILookup<ushort, FlowKey> byPort, Dictionary<string, List<FlowKey>> sockets)
    {
        if (!File.Exists(table))
        {
            return;     // without IPv6 there is no table of it
        }

        foreach (var line in File.ReadLines(table).Skip(1))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 10 || !SocketTableAddress.TryRead(words[1], out var own) || !byPort.Contains(own.Port) || !SocketTableAddress.TryRead(words[2], out var other))
            {
                continue;
            }

            foreach (var flow in byPort[own.Port].Where(flow => IsEnd(flow, own, other)))
            {
                sockets.TryAdd(words[9], []);
                sockets[words[9]].Add(flow);
            }
        }
    }

    /// <summary>Whether a socket is the client's end of a flow; one that is not bound to an address sends from any.</summary>
    private static bool IsEnd(FlowKey flow, FlowEndpoint own, FlowEndpoint other) =>
        (IsAt(own, flow.Local) || (own.IsAny && flow.Transport == FlowTransport.Udp)) && ((other.IsAny && flow.Transport == FlowTransport.Udp) || (IsAt(other, flow.Remote) && other.Port == flow.Remote.Port));

    private static bool IsAt(FlowEndpoint left, FlowEndpoint right) => left.High == right.High && left.Low == right.Low;

    private void FindHolders(Dictionary<string, List<FlowKey>> sockets, Dictionary<FlowKey, string> found, CancellationToken cancellationToken)
    {
        var left = maxFiles;
        foreach (var process in Directory.EnumerateDirectories(folder))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!int.TryParse(Path.GetFileName(process), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                continue;
            }

            foreach (var socket in Sockets(process, ref left))
            {
                if (sockets.TryGetValue(socket, out var held))
                {
                    var name = $"{id}/{Name(process)}";
                    held.ForEach(flow => found.TryAdd(flow, name));
                }
            }

            if (left == 0)
            {
                return;
            }
        }
    }

    private static List<string> Sockets(string process, ref int left)
    {
        var sockets = new List<string>();
        try
        {
            foreach (var file in Directory.EnumerateFileSystemEntries(Path.Combine(process, "fd")))
            {
                if (left == 0)
                {
                    break;
                }

                left--;
                if (new FileInfo(file).LinkTarget is { } target && target.StartsWith(SocketLink, StringComparison.Ordinal))
                {
                    sockets.Add(target[SocketLink.Length..^1]);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has ended meanwhile, or is somebody else's: then it stays unknown.
        }

        return sockets;
    }

    private static string Name(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "comm")).TrimEnd('\n');
        }
        catch (IOException)
        {
            return "?";     // it has just ended
        }
    }
}
