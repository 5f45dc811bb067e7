using DnsFlow.Flows;
using DnsFlow.Limits;

namespace DnsFlow.Copying;

/// <summary>The stream flows that have not ended, whoever copies them, within two bounds: of all, and of each client's network. Thread safe.</summary>
internal sealed class StreamFlowTable(LimitOptions limits)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<StreamFlow, long> _flows = [];
    private readonly Dictionary<(ulong High, ulong Low), int> _clients = [];
    private readonly NetworkSet _exempt = new(limits.PerClient.Exempt);
    private TaskCompletionSource? _empty;
    private int _count;

    /// <summary>How many there are.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Whether so few places are left that an idle flow should make room for the next one.</summary>
    public bool IsNearlyFull => Count >= limits.StreamFlows / 10 * 9;

    /// <summary>Whether flows that do nothing should go sooner than otherwise.</summary>
    public bool IsCrowded => Count > limits.StreamFlows / 4 * 3;

    /// <summary>Takes a flow in that began at <paramref name="now"/>, in microseconds; otherwise the bound that was reached.</summary>
    public ShedReason? TryEnter(StreamFlow flow, long now)
    {
        lock (_lock)
        {
            if (_count >= limits.StreamFlows)
            {
                return ShedReason.FlowFull;
            }

            var client = Client(flow.LocalEndpoint);
            _clients.TryGetValue(client, out var flows);
            if (flows >= limits.PerClient.StreamFlows && !_exempt.Contains(flow.LocalEndpoint))
            {
                return ShedReason.ClientFlows;
            }

            _clients[client] = flows + 1;
            _flows.Add(flow, now);
            _count++;
            return null;
        }
    }

    /// <summary>A flow that had entered has ended.</summary>
    public void Leave(StreamFlow flow)
    {
        lock (_lock)
        {
            var client = Client(flow.LocalEndpoint);
            if (--_clients[client] is 0)
            {
                _clients.Remove(client);
            }

            _flows.Remove(flow);
            if (--_count == 0)
            {
                _empty?.TrySetResult();
            }
        }
    }

    /// <summary>The flow of this id; null when there is none.</summary>
    public StreamFlow? Find(long id)
    {
        lock (_lock)
        {
            return _flows.Keys.FirstOrDefault(flow => flow.Id == id);
        }
    }

    /// <summary>All flows, each with when it began, in microseconds.</summary>
    public IReadOnlyList<KeyValuePair<StreamFlow, long>> List()
    {
        lock (_lock)
        {
            return [.. _flows];
        }
    }

    /// <summary>Done when there is no flow. For one waiter, when no more enter.</summary>
    public Task WaitUntilEmptyAsync()
    {
        lock (_lock)
        {
            _empty = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_count == 0)
            {
                _empty.SetResult();
            }

            return _empty.Task;
        }
    }

    private (ulong High, ulong Low) Client(in FlowEndpoint endpoint)
    {
        var (high, low) = NetworkSet.Mask(endpoint.IsIPv4 ? 96 + limits.PerClient.IPv4Prefix : limits.PerClient.IPv6Prefix);
        return (endpoint.High & high, endpoint.Low & low);
    }
}
