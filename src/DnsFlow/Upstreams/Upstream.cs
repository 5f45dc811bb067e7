using DnsFlow.Flows;

namespace DnsFlow.Upstreams;

/// <summary>One server of a group: where it is, how well it does, and what was counted. Any thread.</summary>
/// <remarks>
/// Each attempt is <see cref="Sent"/> and then ends exactly once: <see cref="Succeeded(long, long)"/> or <see cref="Failed(UpstreamError, long)"/>. An answer after
/// <see cref="UpstreamError.Timeout"/> is reported by <see cref="SucceededLate(long)"/>. None of these allocates.
/// </remarks>
internal sealed class Upstream
{
    private const int MaxCaseMisses = 3;

    private int _caseMisses;
    private long _quietSince;
    private long _sentThen = -1;

    /// <summary>
    /// Makes a server. <paramref name="options"/> are those of its group. <paramref name="onChanged"/> is told, on a thread of the pool, when it leaves
    /// (true) and when it rejoins (false) the rotation.
    /// </summary>
    public Upstream(
        int id, string name, FlowEndpoint endpoint, bool usesDatagrams, UpstreamGroupOptions? options = null, Action<Upstream, bool>? onChanged = null,
        int weight = 1, UpstreamLink? link = null)
    {
        Id = id;
        Link = link ?? new UpstreamLink { Scheme = usesDatagrams ? UpstreamAddress.Udp : UpstreamAddress.Tcp };
        Weight = weight;
        StableHash = new FlowKey(FlowTransport.Udp, endpoint, default).Hash(0) ^ Link.StableHash;
        Name = name;
        Endpoint = endpoint;
        UsesDatagrams = usesDatagrams;
        Health = new UpstreamHealth(options ?? new UpstreamGroupOptions(), onChanged is null ? null : isDown => onChanged(this, isDown));
        StreamHealth = usesDatagrams ? new UpstreamHealth(options ?? new UpstreamGroupOptions()) : Health;
    }

    /// <summary>A small number, unique while the process lives; shards index their sockets by it.</summary>
    public int Id { get; }

    /// <summary>The server as configured, for people.</summary>
    public string Name { get; }

    /// <summary>How much of the group's questions it gets, beside the others' weights, where the strategy looks at it. At least 1.</summary>
    public int Weight { get; }

    /// <summary>A hash of its address and port, the same in every process.</summary>
    public ulong StableHash { get; }

    /// <summary>Its address and port; of one that is known by name only the port.</summary>
    public FlowEndpoint Endpoint { get; }

    /// <summary>How it is reached.</summary>
    public UpstreamLink Link { get; }

    /// <summary>Whether the first attempt is a datagram (plain and <c>udp://</c>) or goes straight to a stream (all others).</summary>
    public bool UsesDatagrams { get; }

    /// <summary>The state of the protocol of first attempts.</summary>
    public UpstreamHealth Health { get; }

    /// <summary>The state of TCP; the same as <see cref="Health"/> for a server that is not asked by datagrams.</summary>
    public UpstreamHealth StreamHealth { get; }

    /// <summary>Whether the server repeats the letter case of names; no more once three replies in a row did not.</summary>
    public bool EchoesCase => Volatile.Read(ref _caseMisses) < MaxCaseMisses;

    /// <summary>A reply in the right or the wrong letter case. Does not bring back who has failed for good.</summary>
    public void NoteCase(bool isRight)
    {
        if (!isRight)
        {
            Interlocked.Increment(ref _caseMisses);
        }
        else if (_caseMisses != 0 && EchoesCase)
        {
            Volatile.Write(ref _caseMisses, 0);
        }
    }

    /// <summary>What was counted, over all protocols.</summary>
    public UpstreamStatistics Statistics { get; } = new();

    /// <summary>How long a first attempt waits before another one is begun beside it, in microseconds.</summary>
    public long AttemptTimeout => Health.AttemptTimeout;

    /// <summary>Whether the server may be asked now; see <see cref="UpstreamHealth.TryUse"/>.</summary>
    public bool TryUse(long now) => Health.TryUse(now);

    /// <summary>
    /// Whether nothing was sent to the server for <paramref name="silence"/> microseconds; the caller then asks it, and has the turn for as long.
    /// </summary>
    public bool TryTakeSilence(long now, long silence)
    {
        var since = Volatile.Read(ref _quietSince);
        if (Statistics.Sent is var sent && sent != Volatile.Read(ref _sentThen))
        {
            Volatile.Write(ref _sentThen, sent);
            Volatile.Write(ref _quietSince, now);
            return false;
        }

        return now - since >= silence && Interlocked.CompareExchange(ref _quietSince, now, since) == since;
    }

    /// <summary>An attempt begins.</summary>
    public void Sent() => Statistics.CountSent();

    /// <summary>A first attempt was answered in time with a usable response, or with one that was cut (TC).</summary>
    public void Succeeded(long rttMicroseconds, long now) => Succeeded(Health, rttMicroseconds, now);

    /// <summary>An attempt on the protocol of <paramref name="health"/> was answered in time.</summary>
    public void Succeeded(UpstreamHealth health, long rttMicroseconds, long now)
    {
        Statistics.CountAnswered(rttMicroseconds);
        health.Succeeded(rttMicroseconds, now);
    }

    /// <summary>A first attempt that was reported as timed out was answered after all.</summary>
    public void SucceededLate(long rttMicroseconds) => SucceededLate(Health, rttMicroseconds);

    /// <summary>An attempt on the protocol of <paramref name="health"/> that was reported as timed out was answered after all.</summary>
    public void SucceededLate(UpstreamHealth health, long rttMicroseconds)
    {
        Statistics.CountLate(rttMicroseconds);
        health.SucceededLate(rttMicroseconds);
    }

    /// <summary>A first attempt ended without a usable response.</summary>
    public void Failed(UpstreamError error, long now) => Failed(Health, error, now);

    /// <summary>
    /// A first attempt ended without a usable response. With <paramref name="isCounted"/> another one that ended by the same cause has told the breaker already.
    /// </summary>
    public void Failed(UpstreamError error, long now, bool isCounted)
    {
        if (isCounted)
        {
            Statistics.CountFailed(error);
            Health.Released(now);
        }
        else
        {
            Failed(Health, error, now);
        }
    }

    /// <summary>An attempt on the protocol of <paramref name="health"/> ended without a usable response.</summary>
    public void Failed(UpstreamHealth health, UpstreamError error, long now)
    {
        Statistics.CountFailed(error);
        switch (error)
        {
            case UpstreamError.Timeout or UpstreamError.Refused or UpstreamError.Unreachable or UpstreamError.ConnectionLost or UpstreamError.Untrusted:
                health.Failed(now);
                break;
            case UpstreamError.BadResponse or UpstreamError.BadHttp:
                health.AnsweredBadly(now);
                break;
            default:    // somebody else's doing: ours, the client's, or an attacker's
                health.Released(now);
                break;
        }
    }
}
