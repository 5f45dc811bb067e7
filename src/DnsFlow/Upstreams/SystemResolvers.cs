using System.Net;
using System.Net.NetworkInformation;
using DnsFlow.Flows;

namespace DnsFlow.Upstreams;

/// <summary>
/// Finds the resolvers that the operating system would ask if we were not there. Our own listeners are never among them, so a machine whose
/// system resolver we are does not ask us in a circle.
/// </summary>
/// <remarks>
/// On Linux and macOS the first of these files that names somebody else: /etc/resolv.conf, and when it names nobody but us or systemd-resolved's
/// stub (127.0.0.53), what systemd-resolved or NetworkManager learned from the network. Elsewhere the network interfaces say it.
/// </remarks>
internal sealed class SystemResolvers
{
    private static readonly string[] DefaultFiles =
        ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf", "/run/NetworkManager/no-stub-resolv.conf"];

    private readonly Func<FlowEndpoint, bool> _isOwnListener;
    private readonly string[] _files;
    private readonly Func<IEnumerable<FlowEndpoint>> _interfaces;
    private readonly (DateTime Written, long Length)[] _seen;

    /// <summary>Makes a finder. <paramref name="files"/> and <paramref name="interfaces"/> replace the real ones in tests.</summary>
    public SystemResolvers(
        Func<FlowEndpoint, bool> isOwnListener, string[]? files = null, Func<IEnumerable<FlowEndpoint>>? interfaces = null)
    {
        _isOwnListener = isOwnListener;
        _files = files ?? DefaultFiles;
        _interfaces = interfaces ?? InterfaceServers;
        _seen = new (DateTime, long)[_files.Length];
    }

    /// <summary>Whether a file changed since the last <see cref="Read"/>.</summary>
    public bool HasChanged() => !_files.Select(Look).SequenceEqual(_seen);

    /// <summary>Reads what there is now. Does not throw: what cannot be read is not there.</summary>
    public SystemResolverList Read()
    {
        for (var i = 0; i < _files.Length; i++)
        {
            _seen[i] = Look(_files[i]);
        }

        var named = _files.Select(ReadFile).OfType<List<FlowEndpoint>>().ToList();
        var servers = named.Count == 0 ? Others(_interfaces()) : FromFiles(named);
        return new SystemResolverList(servers, servers.Count > 0 ? null : Explain(named));
    }

    // The stub of systemd-resolved is a resolver like any other when nothing tells what stands behind it.
    private List<FlowEndpoint> FromFiles(List<List<FlowEndpoint>> named)
        => named.Select(list => Others(list.Where(server => !IsResolvedStub(server)))).FirstOrDefault(list => list.Count > 0)
            ?? Others(named.SelectMany(list => list));

    private List<FlowEndpoint> Others(IEnumerable<FlowEndpoint> servers)
        => [.. servers.Where(server => !_isOwnListener(server)).Distinct()];

    private string Explain(List<List<FlowEndpoint>> named)
        => named.Count == 0 ? "no network interface names a DNS server"
            : named.All(list => list.Count == 0) ? $"no nameserver line in {string.Join(" or ", _files)}"
            : $"{_files[0]} names only this proxy itself, and nothing tells which resolvers were there before";

    private static bool IsResolvedStub(FlowEndpoint server) => server is { IsIPv4: true, IPv4: 0x7F00_0035 or 0x7F00_0036, Port: 53 };

    private static List<FlowEndpoint>? ReadFile(string path)
    {
        try
        {
            return File.Exists(path) ? ResolvConf.Parse(File.ReadAllText(path)) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;    // replaced while we read, or not ours to read: as if it were not there; the next change is read again
        }
    }

    // Follows links: /etc/resolv.conf is one more often than not, and it is its target that changes.
    private static (DateTime Written, long Length) Look(string path)
    {
        try
        {
            var file = new FileInfo(path);
            file = (FileInfo?)file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
            return file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }

    private static IEnumerable<FlowEndpoint> InterfaceServers()
    {
        try
        {
            return [.. NetworkInterface.GetAllNetworkInterfaces()
                .Where(network => network.OperationalStatus == OperationalStatus.Up)
                .SelectMany(network => network.GetIPProperties().DnsAddresses)
                .Where(IsUsable)
                .Select(address => FlowEndpoint.From(address, 53))];
        }
        catch (NetworkInformationException)
        {
            return [];      // the list is empty, and the group says so
        }
    }

    // Windows fills empty IPv6 settings with three site-local addresses that nobody has (RFC 3879 deprecates them).
    private static bool IsUsable(IPAddress address) => !address.IsIPv6SiteLocal && !IPAddress.Any.Equals(address) && !IPAddress.IPv6Any.Equals(address);
}
