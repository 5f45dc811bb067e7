using System.Collections.Concurrent;
using System.Security.Cryptography;
using DnsFlow.Flows;
using DnsFlow.Transports.Dialing;
using DnsFlow.Transports.Quic;
using DnsFlow.Transports.Tls;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DnsFlow.Upstreams;

/// <summary>
/// Makes groups and their servers. A server that a later plan has again, with the same settings, is the same object: its health, its counters and its
/// sockets live on through a reload.
/// </summary>
internal sealed partial class UpstreamRegistry(
    Func<FlowEndpoint, bool> isOwnListener, int maxInFlightPerGroup = UpstreamGroup.DefaultMaxInFlight, ILogger? logger = null, NetworkWatch? watch = null,
    QuicSupport? quic = null)
{
    private const int MaxKnown = 1_024;

    private readonly ILogger _logger = logger ?? NullLogger.Instance;
    private readonly ConcurrentDictionary<Identity, Upstream> _known = new();
    private int _lastId = -1;

    /// <summary>
    /// Makes a group, or adds everything that is wrong with its settings to <paramref name="errors"/>, each with its path below the group
    /// (<c>Servers:0: …</c>), and returns null. <paramref name="isOwn"/> says which addresses will be our own listeners; those of the moment unless given.
    /// <paramref name="fingerprint"/> becomes that of the group.
    /// </summary>
    public UpstreamGroup? Create(
        string name, uint partition, UpstreamGroupOptions options, ICollection<string> errors, Func<FlowEndpoint, bool>? isOwn = null,
        string? fingerprint = null)
    {
        isOwn ??= isOwnListener;
        var before = errors.Count;
        options.Validate(errors, quic ?? QuicSupport.OfThisSystem);
        if (errors.Count > before || !UpstreamStrategies.TryCreate(options, out var strategy))
        {
            return null;
        }

        var addresses = new List<UpstreamAddress>();
        for (var i = 0; i < options.Servers.Count; i++)
        {
            if (UpstreamAddress.TryParse(options.Servers[i], out var address, out _))
            {
                addresses.Add(address with { Weight = options.Weights.Count > 0 ? options.Weights[i] : 1 });
            }
        }

        var loop = addresses.FindIndex(address => address is { IsSystem: false, Host: null } && isOwn(address.Endpoint));
        if (loop >= 0)
        {
            errors.Add($"Servers:{loop}: {addresses[loop]} is one of this proxy's own listeners");
            return null;
        }

        return TrustOf(options, errors) is not { } trust ? null : new UpstreamGroup(name, partition, options, Servers(name, options, addresses, trust), strategy, maxInFlightPerGroup) { Fingerprint = fingerprint };
    }

    private static TlsTrust? TrustOf(UpstreamGroupOptions options, ICollection<string> errors)
    {
        try
        {
            return TlsTrust.Load(options.CaFile, options.Pins);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            errors.Add($"CaFile: '{options.CaFile}' cannot be used: {exception.Message}");
            return null;
        }
    }

    private UpstreamServers Servers(string group, UpstreamGroupOptions options, List<UpstreamAddress> addresses, TlsTrust trust)
    {
        var system = addresses.Exists(address => address.IsSystem) ? new SystemResolvers(isOwnListener) : null;
        return new UpstreamServers(system, list => Compose(group, options, addresses, trust, list), watch);
    }

    private Upstream[] Compose(string group, UpstreamGroupOptions options, List<UpstreamAddress> addresses, TlsTrust trust, SystemResolverList? system)
        => [.. addresses
            .SelectMany(address => address.IsSystem ? system?.Endpoints.Select(endpoint => UpstreamAddress.ForDatagrams(endpoint) with { Weight = address.Weight }) ?? [] : [address.Located()])
            .DistinctBy(static address => address with { Weight = 1 })
            .Take(UpstreamGroup.MaxServers)
            .Select(address => GetOrAdd(group, options, address, trust))];

    private Upstream GetOrAdd(string group, UpstreamGroupOptions options, UpstreamAddress address, TlsTrust trust)
    {
        if (_known.Count >= MaxKnown)
        {
            _known.Clear();     // networks came and went for a long time; those in use live on in their groups
        }

        var proxy = options.Proxy is { } text && ProxyAddress.TryParse(text, out var parsed) ? parsed : null;
        var identity = new Identity(
            group, address, options.AttemptTimeout, options.FailAfter, options.ProbeEvery, options.Probe, UpstreamLink.Of(address, options.Origin, proxy, trust));
        return _known.GetOrAdd(
            identity,
            static (key, made) => new Upstream(
                Interlocked.Increment(ref made.Registry._lastId), key.Address.ToString(), key.Address.Endpoint,
                key.Address.Scheme == UpstreamAddress.Udp, made.Options,
                (upstream, isDown) => made.Registry.Announce(key.Group, upstream, isDown), key.Address.Weight, key.Link),
            (Registry: this, Options: options));
    }

    private void Announce(string group, Upstream upstream, bool isDown)
    {
        if (isDown)
        {
            Log.Left(_logger, upstream.Name, group, upstream.Statistics.Problem is { } problem ? $" ({problem})" : "");
        }
        else
        {
            Log.Rejoined(_logger, upstream.Name, group);
        }
    }

    private sealed record Identity(string Group, UpstreamAddress Address, TimeSpan AttemptTimeout, int FailAfter, TimeSpan ProbeEvery, ProbeMode Probe, UpstreamLink Link);

    private static partial class Log
    {
        [LoggerMessage(420, LogLevel.Warning, "Upstream {Upstream} of group {Group} does not answer and left the rotation{Reason}.")]
        public static partial void Left(ILogger logger, string upstream, string group, string reason);

        [LoggerMessage(421, LogLevel.Information, "Upstream {Upstream} of group {Group} answers again.")]
        public static partial void Rejoined(ILogger logger, string upstream, string group);
    }
}
