using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.Telemetry;
using DnsFlow.Transports;
using DnsFlow.Transports.Proxied;
using DnsFlow.Upstreams;

namespace DnsFlow.Shards;

/// <summary>
/// A shard's socket for one listener address and the responses that are about to leave by it. Responses gather until the batch is full or the
/// shard has done a round; then they leave in one system call and are counted.
/// </summary>
internal sealed class ShardListener(IDatagramSocket socket, int listener, TrafficCounters counters, MonotonicClock clock) : IDisposable
{
    private const int BatchSize = 32;
    private const int ResponseSize = 4096;
    private const long Uncounted = -1;

    private readonly DatagramBatch _out = new(BatchSize, ResponseSize);
    private readonly Sent[] _sent = new Sent[BatchSize];
    private ProxiedPeers? _peers;

    /// <summary>The socket.</summary>
    public IDatagramSocket Socket { get; } = socket;

    /// <summary>The listener's index in the plan.</summary>
    public int Listener { get; set; } = listener;

    /// <summary>Queries that came by it and wait for their response.</summary>
    public int InFlight { get; set; }

    /// <summary>Set when it takes no more queries.</summary>
    public bool IsClosing { get; set; }

    /// <summary>Receives what clients sent, without the headers of load balancers; returns how much there was, and in <paramref name="left"/> how much of it is good.</summary>
    public int Receive(DatagramBatch batch, ForwardingPlan plan, out int left)
    {
        var count = left = Socket.Receive(batch);
        if (count > 0 && !plan.Proxies.IsEmpty && plan.Proxies[Listener] is { } proxies)
        {
            _peers ??= new ProxiedPeers();
            left = _peers.Unwrap(batch, count, proxies);
            for (var bad = left; bad < count; bad++)
            {
                counters.Ignored(IgnoredReason.ProxyHeader);
            }
        }

        return count;
    }

    /// <summary>The buffer the next response is written to; valid until <see cref="Commit"/> or <see cref="Flush"/>.</summary>
    public Span<byte> NextBuffer() => _out.Buffer(_out.Count);

    /// <summary>The response in <see cref="NextBuffer"/> is complete: it leaves with the batch and is counted then.</summary>
    public void Commit(int length, in FlowKey flow, long receivedAt, QueryOutcome outcome, ResponseCode code)
    {
        var index = _out.Count;
        ref var slot = ref _out[index];
        slot.Remote = flow.Local;       // the client: "local" is the flow's own word for it
        slot.Local = flow.Remote;
        slot.Length = length;
        _sent[index] = new Sent(receivedAt, outcome, code);
        _out.Count = index + 1;
        if (_out.IsFull)
        {
            Flush();
        }
    }

    /// <summary>The datagram in <see cref="NextBuffer"/> was written by a provider that copies by itself: it leaves, and counts as no query of ours.</summary>
    public void CommitUncounted(int length, in FlowKey flow) => Commit(length, flow, Uncounted, QueryOutcome.Passed, ResponseCode.NoError);

    /// <summary>Sends what has gathered.</summary>
    public void Flush()
    {
        if (_out.Count == 0)
        {
            return;
        }

        // Counted first: whoever has its response finds it in the statistics.
        var count = _out.Count;
        CountFinished(count);
        _peers?.Wrap(_out, count);
        for (var taken = Socket.Send(_out); taken < count; taken++)
        {
            counters.Shed(ShedReason.SendBuffer);
        }

        _out.Count = 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Socket.Dispose();
        _out.Dispose();
    }

    private void CountFinished(int count)
    {
        var now = clock.Now;
        for (var i = 0; i < count; i++)
        {
            ref var sent = ref _sent[i];
            if (sent.ReceivedAt != Uncounted)
            {
                counters.QueryFinished(Listener, sent.Outcome, sent.Code, now - sent.ReceivedAt);
            }
        }
    }

    private readonly record struct Sent(long ReceivedAt, QueryOutcome Outcome, ResponseCode Code);
}
