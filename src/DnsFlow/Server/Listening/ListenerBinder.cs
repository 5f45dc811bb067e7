using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using DnsFlow.Flows;
using DnsFlow.Transports;
using DnsFlow.Transports.Tcp;
using DnsFlow.Transports.Tls;
using DnsFlow.Transports.Udp;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Server.Listening;

/// <summary>
/// Binds what the configuration names, or takes it from the service manager. A required address that cannot be bound ends the start with a
/// sentence that names it; without any address configured it is port 53 of loopback when that is allowed and free, else port 1053.
/// For a reload it binds what is new beside what is there.
/// </summary>
internal sealed partial class ListenerBinder(DatagramPlane datagrams, TcpBinding streams, ILogger logger)
{
    private const ushort DnsPort = 53;
    private const ushort UnprivilegedPort = 1053;
    private const int PortTries = 8;

    private bool _isInherited;
    private List<IStreamListener> _made = [];
    private List<string> _missing = [];

    /// <summary>Binds everything, at the start. What was bound when it throws is freed by the plane's end and <see cref="UndoAsync"/>.</summary>
    public async Task<ListenerSet> BindAsync(ProxyOptions options, IReadOnlyDictionary<string, TlsServer> encryption, InheritedSockets inherited)
    {
        var empty = ListenerSet.Empty with { Names = ListenerSet.Empty.NamesWith(options), Encryption = encryption };
        _isInherited = inherited.Sockets.Count > 0;
        return _isInherited ? Adopt(empty, inherited, ListenerEndpoints.Of(options, empty.Names)) : (await BindAsync(options, empty).ConfigureAwait(false)).Next;
    }

    /// <summary>
    /// Binds what <paramref name="options"/> want and is not there. Throws <see cref="ServerStartException"/> when a required address cannot be bound, or
    /// when none is left, and then nothing has changed. Sockets of the service manager stay as they are.
    /// </summary>
    public async Task<ListenerChange> PrepareAsync(
        ProxyOptions options, IReadOnlyDictionary<string, TlsServer> encryption, ListenerSet current, int maxNames)
    {
        var named = current with { Names = current.NamesWith(options), Encryption = encryption };
        if (named.Names.Length > maxNames)
        {
            throw new ServerStartException(ServerStartFailure.Configuration, $"there were {maxNames} names of listeners since the start; more need a restart");
        }

        try
        {
            return _isInherited ? ListenerChange.None(named with { Bound = [.. named.Bound.Select(bound => Renew(bound, encryption))] }) : await BindAsync(options, named).ConfigureAwait(false);
        }
        catch
        {
            await UndoAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Frees what the last call bound.</summary>
    public async Task UndoAsync()
    {
        datagrams.Withdraw();
        foreach (var listener in _made)
        {
            await listener.DisposeAsync().ConfigureAwait(false);
        }

        _made = [];
    }

    /// <summary>Where a socket cannot answer from the address that was asked, every address of this machine gets its own in the place of a wildcard.</summary>
    private IEnumerable<ListenerEndpoint> Spread(ListenerEndpoint wanted) => datagrams.Network.SelectsSourceAddress || !wanted.Datagrams
        ? [wanted]
        : WildcardAddresses.Expand(wanted.Address).Select(address => wanted with { Address = address });

    private async Task<ListenerChange> BindAsync(ProxyOptions options, ListenerSet current)
    {
        (_made, _missing) = ([], []);
        var left = current.Bound.ToList();
        var next = ImmutableArray.CreateBuilder<BoundListener>();
        var wanted = ListenerEndpoints.Of(options, current.Names);
        foreach (var endpoint in wanted.Count > 0 ? wanted.SelectMany(Spread) : Default(current, options))
        {
            var kept = Take(left, endpoint);
            await datagrams.ClosedAsync(endpoint.Address).ConfigureAwait(false);
            if (BindOne(endpoint, kept, streams.Protocol(endpoint, current.Encryption)) is { } bound)
            {
                next.Add(bound);
            }
        }

        if (next.Count == 0)
        {
            throw new ServerStartException(ServerStartFailure.Unavailable, string.Join('\n', _missing));
        }

        var set = current with { Bound = next.ToImmutable(), Missing = [.. _missing] };
        return new ListenerChange(
            set,
            _made,
            [.. current.Bound.Where(static old => old.HasDatagrams).Select(static old => old.Address)
                .Except(set.Bound.Where(static bound => bound.HasDatagrams).Select(static bound => bound.Address))],
            [.. current.Bound.Select(static old => old.Streams).OfType<IStreamListener>().Except(set.Bound.Select(static bound => bound.Streams).OfType<IStreamListener>())]);
    }

    // The same address under the same name, else under any: a listener that got another name, or speaks something else now, keeps its sockets.
    private static BoundListener? Take(List<BoundListener> left, ListenerEndpoint wanted)
    {
        var found = left.Find(bound => bound.Wanted with { IsRequired = wanted.IsRequired, Path = wanted.Path } == wanted)
            ?? left.Find(bound => bound.Wanted.Listener == wanted.Listener && bound.Wanted.Address == wanted.Address)
            ?? left.Find(bound => bound.Wanted.Address == wanted.Address || bound.Address == wanted.Address);
        if (found is not null)
        {
            left.Remove(found);
        }

        return found;
    }

    private static List<ListenerEndpoint> Default(ListenerSet current, ProxyOptions options)
    {
        var name = options.Listeners.Keys.First();
        var index = ListenerEndpoints.IndexOf(current.Names, name);
        FlowEndpoint[] loopback = [FlowEndpoint.From(IPAddress.Loopback, DnsPort), FlowEndpoint.From(IPAddress.IPv6Loopback, DnsPort)];
        var port = current.Bound.Any(bound => bound.Address == loopback[0]) || (current.Bound.IsEmpty && CanBind(loopback[0])) ? DnsPort : UnprivilegedPort;
        return
        [
            new ListenerEndpoint(index, name, loopback[0] with { Port = port }, Datagrams: true, Streams: true, IsRequired: true),
            new ListenerEndpoint(index, name, loopback[1] with { Port = port }, Datagrams: true, Streams: true, IsRequired: false),
        ];
    }

    private static bool CanBind(FlowEndpoint address)
    {
        try
        {
            using var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            udp.Bind(address.ToIPEndPoint());
            using var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            tcp.Bind(address.ToIPEndPoint());
            return true;
        }
        catch (SocketException)
        {
            return false;       // not allowed, or taken: the other port then
        }
    }

    private BoundListener Renew(BoundListener bound, IReadOnlyDictionary<string, TlsServer> encryption)
        => bound.Wanted.Encryption.Length == 0 || !encryption.ContainsKey(bound.Wanted.Name) ? bound : bound with { Protocol = streams.Protocol(bound.Wanted, encryption) };

    private BoundListener? BindOne(ListenerEndpoint wanted, BoundListener? kept, IStreamProtocol? protocol)
    {
        for (var attempt = 1; ; attempt++)
        {
            var isNew = wanted.Datagrams && kept is not { HasDatagrams: true };
            var address = kept?.Address ?? wanted.Address;
            try
            {
                address = isNew ? datagrams.Bind(address, wanted.Listener) : address;
                try
                {
                    var listener = protocol is not null ? kept?.Streams ?? Listen(address, wanted.Listener, protocol) : null;
                    return new BoundListener(wanted, listener?.LocalEndpoint ?? address, wanted.Datagrams, listener, protocol);
                }
                catch (SocketException) when (isNew)
                {
                    datagrams.Unbind(wanted.Listener);
                    throw;
                }
            }
            catch (SocketException exception) when (address.Port != wanted.Address.Port && exception.SocketErrorCode == SocketError.AddressAlreadyInUse && attempt < PortTries)
            {
                continue;       // the UDP port that was free is taken for TCP: another one
            }
            catch (SocketException exception)
            {
                Refuse(wanted, exception);
                return null;
            }
        }
    }

    private TcpStreamListener Listen(FlowEndpoint address, int listener, IStreamProtocol protocol)
    {
        var made = streams.Listen(address, listener, protocol);
        _made.Add(made);
        return made;
    }

    /// <summary>A socket speaks what the configuration says of its listener's address with the same port; UDP or TCP when it says nothing.</summary>
    private ListenerSet Adopt(ListenerSet empty, InheritedSockets inherited, List<ListenerEndpoint> configured)
    {
        var bound = ImmutableArray.CreateBuilder<BoundListener>();
        foreach (var (socket, name) in inherited.Sockets)
        {
            var listener = Math.Max(0, ListenerEndpoints.IndexOf(empty.Names, name));
            if (socket.SocketType == SocketType.Dgram)
            {
                var address = datagrams.Adopt(socket, listener);
                bound.Add(new BoundListener(new ListenerEndpoint(listener, empty.Names[listener], address, Datagrams: true, Streams: false, IsRequired: true), address, true, null, null));
            }
            else
            {
                bound.Add(AdoptStreams(socket, configured, new ListenerEndpoint(
                    listener, empty.Names[listener], FlowEndpoint.From((IPEndPoint)socket.LocalEndPoint!), Datagrams: false, Streams: true, IsRequired: true), empty.Encryption));
            }
        }

        return empty with { Bound = bound.ToImmutable() };
    }

    private BoundListener AdoptStreams(Socket socket, List<ListenerEndpoint> configured, ListenerEndpoint given, IReadOnlyDictionary<string, TlsServer> encryption)
    {
        var encrypted = configured.Find(each => each.Listener == given.Listener && each.Address.Port == given.Address.Port && each.Encryption.Length > 0);
        var wanted = encrypted is null ? given : given with { Encryption = encrypted.Encryption, Path = encrypted.Path };
        var protocol = streams.Protocol(wanted, encryption)!;
        var adopted = streams.Adopt(socket, wanted.Listener, protocol);
        _made.Add(adopted);
        return new BoundListener(wanted, wanted.Address, HasDatagrams: false, adopted, protocol);
    }

    private void Refuse(ListenerEndpoint wanted, SocketException exception)
    {
        var sentence = $"listener '{wanted.Name}' cannot listen on {wanted.Address}: {Explain(exception)}";
        if (wanted.IsRequired)
        {
            throw new ServerStartException(
                exception.SocketErrorCode == SocketError.AccessDenied ? ServerStartFailure.NoPermission : ServerStartFailure.Unavailable, sentence, exception);
        }

        _missing.Add(sentence);
        Log.NotBound(logger, sentence);
    }

    private static string Explain(SocketException exception) => exception.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => "the address is in use by another program",
        SocketError.AddressNotAvailable => "this machine does not have the address",
        SocketError.AccessDenied => "not permitted; ports below 1024 need the capability CAP_NET_BIND_SERVICE",
        SocketError.TooManyOpenSockets => $"there are too many addresses (at most {DatagramPlane.MaxAddresses}), or no descriptor is left",
        _ => exception.Message,
    };

    private static partial class Log
    {
        [LoggerMessage(701, LogLevel.Warning, "{Problem}.")]
        public static partial void NotBound(ILogger logger, string problem);
    }
}
