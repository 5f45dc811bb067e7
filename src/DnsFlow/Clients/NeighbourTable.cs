using System.Collections.Frozen;
using DnsFlow.Flows;
using DnsFlow.Flows.Linux;

namespace DnsFlow.Clients;

/// <summary>
/// The hardware addresses of clients on the same link, as the kernel's neighbour table has them: a snapshot that queries read without waiting, renewed on
/// another thread when somebody is not in it or it is old. Nobody asks, nothing is read. Thread safe.
/// </summary>
internal sealed class NeighbourTable : IDisposable
{
    /// <summary>The most neighbours that are kept; those behind are taken for unknown.</summary>
    public const int MaxNeighbours = 65_536;

    private static readonly TimeSpan s_shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(30);

    private readonly TimeProvider _time;
    private readonly Func<IEnumerable<KeyValuePair<UInt128, HardwareAddress>>> _read;
    private readonly ITimer _timer;
    private volatile FrozenDictionary<UInt128, HardwareAddress> _neighbours = FrozenDictionary<UInt128, HardwareAddress>.Empty;
    private long _readAt;

    /// <summary>Makes a table that is empty until somebody asks; <paramref name="read"/> replaces the kernel in tests.</summary>
    public NeighbourTable(TimeProvider time, Func<IEnumerable<KeyValuePair<UInt128, HardwareAddress>>>? read = null)
    {
        _time = time;
        _read = read ?? ReadKernel;
        _readAt = time.GetTimestamp() - (long)(s_longest.TotalSeconds * time.TimestampFrequency) - 1;
        _timer = time.CreateTimer(static state => ((NeighbourTable)state!).Renew(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How many neighbours the snapshot has.</summary>
    public int Count => _neighbours.Count;

    /// <summary>The hardware address of a client; 0 when it is not known, or not yet.</summary>
    public HardwareAddress Find(in FlowEndpoint client)
    {
        var isKnown = _neighbours.TryGetValue(AddressRange.NumberOf(client), out var address);
        var age = _time.GetElapsedTime(Volatile.Read(ref _readAt));
        if (age > s_longest || (!isKnown && age > s_shortest))
        {
            RenewSoon();
        }

        return address;
    }

    /// <summary>Reads the table anew, on the calling thread.</summary>
    public void Renew()
    {
        Volatile.Write(ref _readAt, _time.GetTimestamp());
        var neighbours = new Dictionary<UInt128, HardwareAddress>();
        foreach (var (address, mac) in _read().Take(MaxNeighbours))
        {
            neighbours[address] = mac;
        }

        _neighbours = neighbours.ToFrozenDictionary();
    }

    /// <summary>Ends the renewing.</summary>
    public void Dispose() => _timer.Dispose();

    private void RenewSoon()
    {
        Volatile.Write(ref _readAt, _time.GetTimestamp());       // others need not ask as well
        _timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private static IEnumerable<KeyValuePair<UInt128, HardwareAddress>> ReadKernel() => OperatingSystem.IsLinux()
        ? NeighbourDump.Read().Select(static found => new KeyValuePair<UInt128, HardwareAddress>(
            AddressRange.NumberOf(FlowEndpoint.From(found.Address, 0)), HardwareAddress.From(found.Link)))
        : [];
}
