using DnsFlow.Flows;

namespace DnsFlow.Transports.Proxied;

/// <summary>
/// Which load balancer a client's datagrams came through, so that responses go back there. Bounded: two generations, of which the older one is forgotten when the
/// younger one is full; a response is due long before. One owner.
/// </summary>
internal sealed class ProxiedPeers
{
    /// <summary>Clients in a generation.</summary>
    public const int Capacity = 8_192;

    private Dictionary<(FlowEndpoint Client, FlowEndpoint Addressed), (FlowEndpoint Peer, FlowEndpoint Own)> _young = new(Capacity);
    private Dictionary<(FlowEndpoint Client, FlowEndpoint Addressed), (FlowEndpoint Peer, FlowEndpoint Own)> _old = [];

    /// <summary>
    /// Takes the headers off received datagrams of load balancers: from then on they are their clients'. Those with a wrong header are taken out; returns how many are
    /// left.
    /// </summary>
    public int Unwrap(DatagramBatch batch, int count, NetworkSet proxies)
    {
        var left = 0;
        for (var i = 0; i < count; i++)
        {
            if (proxies.Contains(batch[i].Remote) && !TryUnwrap(batch, i))
            {
                continue;
            }

            if (left != i)
            {
                batch.Payload(i).CopyTo(batch.Buffer(left));
                batch[left] = batch[i];
            }

            left++;
        }

        return left;
    }

    /// <summary>Readdresses responses to who brought the query.</summary>
    public void Wrap(DatagramBatch batch, int count)
    {
        for (var i = 0; i < count; i++)
        {
            ref var slot = ref batch[i];
            var key = (slot.Remote, slot.Local);
            if (_young.TryGetValue(key, out var found) || _old.TryGetValue(key, out found))
            {
                (slot.Remote, slot.Local) = found;
            }
        }
    }

    private bool TryUnwrap(DatagramBatch batch, int index)
    {
        ref var slot = ref batch[index];
        if (!ProxyHeader.TryRead(batch.Payload(index), out var header))
        {
            return false;
        }

        batch.Payload(index)[header.Length..].CopyTo(batch.Buffer(index));
        slot.Length -= header.Length;
        if (header is { Client: { } client, Addressed: { } addressed })
        {
            Remember((client, addressed), (slot.Remote, slot.Local));
            (slot.Remote, slot.Local) = (client, addressed);
        }

        return true;
    }

    private void Remember((FlowEndpoint Client, FlowEndpoint Addressed) key, (FlowEndpoint Peer, FlowEndpoint Own) came)
    {
        if (_young.Count >= Capacity && !_young.ContainsKey(key))
        {
            (_old, _young) = (_young, _old);
            _young.Clear();
        }

        _young[key] = came;
    }
}
