using System.Net;
using System.Net.Sockets;
using DnsFlow.Flows;
using DnsFlow.Transports;
using DnsFlow.Transports.Udp;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Server;

/// <summary>
/// Binds what the configuration names, or takes it from the service manager. A required address that cannot be bound ends the start with a
/// sentence that names it; without any address configured it is port 53 of loopback when that is allowed and free, else port 1053.
/// </summary>
internal sealed partial class ListenerBinder : IAsyncDisposable
{
    private const ushort DnsPort = 53;
    private const ushort UnprivilegedPort = 1053;
    private const int PortTries = 8;

    private readonly DatagramPlane _datagrams;
    private readonly ILogger _logger;
    private readonly List<ListenerEndpoint> _wanted;
    private readonly bool _isDefault;
    private readonly List<ListenerSummary> _bound = [];
    private readonly List<string> _missing = [];
    private readonly HashSet<FlowEndpoint> _own = [];
    private readonly List<IStreamListener> _streams = [];

    public ListenerBinder(ProxyOptions options, DatagramPlane datagrams, ILogger logger)
    {
        _datagrams = datagrams;
        _logger = logger;
        _wanted = ListenerEndpoints.Of(options, out var names);
        Names = names;
        _isDefault = _wanted.Count == 0;
    }

    /// <summary>The listeners' names by index.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>What is bound.</summary>
    public IReadOnlyList<ListenerSummary> Bound => _bound;

    /// <summary>What is not, though configured; a sentence each.</summary>
    public IReadOnlyList<string> Missing => _missing;

    /// <summary>The TCP listeners; whoever starts them owns them.</summary>
    public IReadOnlyList<IStreamListener> StreamListeners => _streams;

    /// <summary>Whether an address is one of ours; a wildcard listener owns every address of this machine with its port.</summary>
    public bool IsOwn(FlowEndpoint endpoint) => _own.Any(own =>
        own.Port == endpoint.Port && (own == endpoint || (own.IsAny && LocalAddresses.Contains(endpoint))));

    /// <summary>Binds everything.</summary>
    public void Bind(InheritedSockets inherited, TcpBinding options)
    {
        if (inherited.Sockets.Count > 0)
        {
            Adopt(inherited, options);
        }
        else if (_isDefault)
        {
            BindDefault(options);
        }
        else
        {
            foreach (var endpoint in _wanted.SelectMany(Spread))
            {
                BindOne(endpoint, options);
            }
        }

        if (_bound.Count == 0)
        {
            throw new ServerStartException(ServerStartFailure.Unavailable, string.Join('\n', _missing));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var listener in _streams)
        {
            await listener.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Where a socket cannot answer from the address that was asked, every address of this machine gets its own in the place of a wildcard.</summary>
    private IEnumerable<ListenerEndpoint> Spread(ListenerEndpoint wanted) => _datagrams.Network.SelectsSourceAddress || !wanted.Datagrams
        ? [wanted]
        : WildcardAddresses.Expand(wanted.Address).Select(address => wanted with { Address = address });

    private void BindDefault(TcpBinding options)
    {
        FlowEndpoint[] loopback = [FlowEndpoint.From(IPAddress.Loopback, DnsPort), FlowEndpoint.From(IPAddress.IPv6Loopback, DnsPort)];
        var port = CanBind(loopback[0]) ? DnsPort : UnprivilegedPort;
        BindOne(new ListenerEndpoint(0, Names[0], loopback[0] with { Port = port }, Datagrams: true, Streams: true, IsRequired: true), options);
        BindOne(new ListenerEndpoint(0, Names[0], loopback[1] with { Port = port }, Datagrams: true, Streams: true, IsRequired: false), options);
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

    private void BindOne(ListenerEndpoint wanted, TcpBinding options)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var address = wanted.Datagrams ? _datagrams.Bind(wanted.Address, wanted.Listener) : wanted.Address;
                if (wanted.Streams)
                {
                    var listener = options.Listen(address, wanted.Listener);
                    _streams.Add(listener);
                    address = listener.LocalEndpoint;
                }

                Note(wanted.Name, address, wanted.Datagrams, wanted.Streams);
                return;
            }
            catch (SocketException exception) when (wanted.Address.Port == 0 && exception.SocketErrorCode == SocketError.AddressAlreadyInUse && attempt < PortTries)
            {
                _datagrams.Unbind(wanted.Listener);     // the free UDP port was taken for TCP: another one
            }
            catch (SocketException exception)
            {
                Refuse(wanted, exception);
                return;
            }
        }
    }

    private void Adopt(InheritedSockets inherited, TcpBinding options)
    {
        foreach (var (socket, name) in inherited.Sockets)
        {
            var listener = Math.Max(0, Names.ToList().IndexOf(name));
            if (socket.SocketType == SocketType.Dgram)
            {
                Note(Names[listener], _datagrams.Adopt(socket, listener), datagrams: true, streams: false);
            }
            else
            {
                var adopted = options.Adopt(socket, listener);
                _streams.Add(adopted);
                Note(Names[listener], adopted.LocalEndpoint, datagrams: false, streams: true);
            }
        }
    }

    private void Note(string name, FlowEndpoint address, bool datagrams, bool streams)
    {
        _own.Add(address);
        List<string> transports = [];
        if (datagrams)
        {
            transports.Add("udp");
        }

        if (streams)
        {
            transports.Add("tcp");
        }

        _bound.Add(new ListenerSummary(name, address.ToIPEndPoint(), transports));
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
        Log.NotBound(_logger, sentence);
    }

    private static string Explain(SocketException exception) => exception.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => "the address is in use by another program",
        SocketError.AddressNotAvailable => "this machine does not have the address",
        SocketError.AccessDenied => "not permitted; ports below 1024 need the capability CAP_NET_BIND_SERVICE",
        _ => exception.Message,
    };

    private static partial class Log
    {
        [LoggerMessage(701, LogLevel.Warning, "{Problem}.")]
        public static partial void NotBound(ILogger logger, string problem);
    }
}
