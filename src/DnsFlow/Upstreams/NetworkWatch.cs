using System.Net;
using System.Net.NetworkInformation;
using DnsFlow.Limits;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Upstreams;

/// <summary>
/// Tells when the network is another one: addresses, links and routes changed, or the machine slept. Changes come in bursts, so they are told a little later and once.
/// </summary>
/// <remarks>
/// The monotonic clock stands still while Linux sleeps and the wall clock does not: when they drift apart by seconds the machine was suspended, or somebody set the time,
/// and then looking once in vain costs nothing.
/// </remarks>
internal sealed partial class NetworkWatch : IDisposable
{
    /// <summary>How long a burst is waited for.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan s_jump = TimeSpan.FromSeconds(5);

    private readonly MonotonicClock _clock;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private long _drift;
    private int _isPending;
    private string _cause = "";

    /// <summary>Begins to watch.</summary>
    public NetworkWatch(MonotonicClock clock, ILogger logger)
    {
        (_clock, _logger) = (clock, logger);
        _drift = Drift();
        _timer = clock.Time.CreateTimer(static state => ((NetworkWatch)state!).Tell(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        NetworkChange.NetworkAddressChanged += OnAddressChanged;
        NetworkChange.NetworkAvailabilityChanged += OnAvailabilityChanged;
    }

    /// <summary>The network is another one. Called on a thread of the pool.</summary>
    public event Action? Changed;

    /// <summary>Whether the machine has an address now; what left from one that it has not is dead.</summary>
    public static Func<IPAddress, bool> FindGone()
    {
        try
        {
            var here = NetworkInterface.GetAllNetworkInterfaces()
                .SelectMany(static network => network.GetIPProperties().UnicastAddresses).Select(static unicast => Bare(unicast.Address)).ToHashSet();
            return address => !IPAddress.IsLoopback(address) && !here.Contains(Bare(address));
        }
        catch (NetworkInformationException)
        {
            return static _ => false;       // not known: whoever is dead is found by its silence
        }
    }

    /// <summary>Notices that the machine slept. Any thread, now and then.</summary>
    public void LookForJump()
    {
        var (now, before) = (Drift(), Volatile.Read(ref _drift));
        if (Math.Abs(now - before) > s_jump.Ticks && Interlocked.CompareExchange(ref _drift, now, before) == before)
        {
            Notice("the machine was suspended, or its clock was set");
        }
    }

    /// <summary>Something changed: it is told a quarter of a second later, with all that comes until then.</summary>
    public void Notice(string cause)
    {
        _cause = cause;
        if (Interlocked.Exchange(ref _isPending, 1) == 0)
        {
            _timer.Change(Delay, Timeout.InfiniteTimeSpan);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NetworkChange.NetworkAddressChanged -= OnAddressChanged;
        NetworkChange.NetworkAvailabilityChanged -= OnAvailabilityChanged;
        _timer.Dispose();
    }

    private static IPAddress Bare(IPAddress address) => address.IsIPv6LinkLocal ? new IPAddress(address.GetAddressBytes()) : address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private long Drift() => _clock.Time.GetUtcNow().Ticks - (_clock.Now * TimeSpan.TicksPerMicrosecond);

    private void Tell()
    {
        Volatile.Write(ref _isPending, 0);
        Log.Changed(_logger, _cause);
        Changed?.Invoke();
    }

    private void OnAddressChanged(object? sender, EventArgs e) => Notice("addresses changed");

    private void OnAvailabilityChanged(object? sender, NetworkAvailabilityEventArgs e) => Notice("links or routes changed");

    private static partial class Log
    {
        [LoggerMessage(441, LogLevel.Information, "The network changed ({Cause}): the system's resolvers were read anew, dead connections dropped.")]
        public static partial void Changed(ILogger logger, string cause);
    }
}
