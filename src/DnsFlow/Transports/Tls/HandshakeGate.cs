using DnsFlow.Flows;

namespace DnsFlow.Transports.Tls;

/// <summary>
/// How many handshakes there are at once, and how many one client begins in a second: each costs a millisecond or more of CPU. Thread safe; what is kept of clients
/// is forgotten every second.
/// </summary>
internal sealed class HandshakeGate(TimeProvider time)
{
    /// <summary>Handshakes at once.</summary>
    public const int MaxAtOnce = 256;

    /// <summary>Handshakes of one client (an IPv4 address or an IPv6 /56) in a second.</summary>
    public const int MaxPerClient = 50;

    private const int MaxClients = 16_384;

    private readonly Lock _lock = new();
    private readonly Dictionary<(ulong High, ulong Low), int> _clients = [];
    private long _since = time.GetTimestamp();
    private int _count;

    /// <summary>Handshakes under way.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Begins a handshake; false when there are too many. One that began is ended with <see cref="Leave"/>. An exempt client has no bound of its own.</summary>
    public bool TryEnter(in FlowEndpoint client, bool isExempt = false)
    {
        var key = client.IsIPv4 ? (client.High, client.Low) : (client.High & ~0xFFUL, 0UL);
        lock (_lock)
        {
            if (time.GetElapsedTime(_since) >= TimeSpan.FromSeconds(1))
            {
                _since = time.GetTimestamp();
                _clients.Clear();
            }

            _clients.TryGetValue(key, out var begun);
            if (Count >= MaxAtOnce || (begun >= MaxPerClient && !isExempt) || (begun == 0 && _clients.Count >= MaxClients))
            {
                return false;
            }

            _clients[key] = begun + 1;
            Interlocked.Increment(ref _count);      // those that leave do not wait for the lock
            return true;
        }
    }

    /// <summary>A handshake ended.</summary>
    public void Leave() => Interlocked.Decrement(ref _count);
}
