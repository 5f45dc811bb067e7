using DnsFlow.Flows;

namespace DnsFlow.Transports.Udp.Linux;

/// <summary>
/// The order in which the datagrams of a batch leave. Those of one peer stand together, the longest first, so that one call into the network stack can
/// carry several of them (UDP_SEGMENT): all of one length, but for the last, which may be shorter. One owner.
/// </summary>
internal sealed class SendOrder(DatagramBatch batch)
{
    // A full answer by our own bound. Longer ones are rare, and fragments of a jumbo frame are nobody's wish.
    private const int MaxSegment = 1232;

    private const int IndexBits = 8;
    private const int LengthBits = 16;
    private const ulong IndexMask = (1 << IndexBits) - 1;
    private const ulong PeerMask = ~0UL << (IndexBits + LengthBits);

    private readonly ulong[] _keys = new ulong[batch.Capacity <= (int)IndexMask
        ? batch.Capacity
        : throw new ArgumentOutOfRangeException(nameof(batch), "A batch has at most 255 slots.")];

    /// <summary>The slot that leaves at a place.</summary>
    public int this[int place] => (int)(_keys[place] & IndexMask);

    /// <summary>Leaves the batch in its own order.</summary>
    public void Keep()
    {
        for (var i = 0; i < batch.Count; i++)
        {
            _keys[i] = (ulong)i;
        }
    }

    /// <summary>Sorts the batch where that may bring datagrams together. False = it would not, and the order is the batch's own.</summary>
    public bool TrySort(bool isConnected)
    {
        if (batch.Count < 2 || !(isConnected || HasNeighbours()))
        {
            Keep();
            return false;
        }

        for (var i = 0; i < batch.Count; i++)
        {
            Insert(i, Key(i, isConnected));
        }

        return true;
    }

    /// <summary>How many datagrams from a place on may leave as the segments of one; 1 = none but itself.</summary>
    public int GroupAt(int place, bool isConnected)
    {
        ref var first = ref batch[this[place]];
        var count = 1;
        while (place + count < batch.Count && first.Length is > 0 and <= MaxSegment)
        {
            ref var next = ref batch[this[place + count]];
            if (next.Length == 0 || next.Length > first.Length || !(isConnected || IsSamePeer(first, next)))
            {
                break;
            }

            count++;
            if (next.Length < first.Length)
            {
                break;
            }
        }

        return count;
    }

    private static bool IsSamePeer(in DatagramSlot left, in DatagramSlot right) => left.Remote == right.Remote && left.Local == right.Local;

    /// <summary>Whether clients ask often enough in a row that sorting pays: a sort that brings nothing together costs 10 ns a datagram.</summary>
    private bool HasNeighbours()
    {
        var equal = 0;
        for (var i = 1; i < batch.Count; i++)
        {
            equal += batch[i].Remote.Port == batch[i - 1].Remote.Port ? 1 : 0;
        }

        return equal * 4 >= batch.Count;
    }

    private ulong Key(int index, bool isConnected)
    {
        ref var slot = ref batch[index];
        var peer = isConnected ? 0 : Peer(slot.Remote) & PeerMask;
        return peer | ((ulong)(ushort)(ushort.MaxValue - slot.Length) << IndexBits) | (uint)index;
    }

    /// <summary>Brings equal peers together; that they are equal is looked at again.</summary>
    private static ulong Peer(in FlowEndpoint peer) => (peer.High ^ peer.Low ^ ((ulong)peer.Port << 32)) * 0x9E3779B97F4A7C15;

    private void Insert(int count, ulong key)
    {
        var place = count;
        for (; place > 0 && _keys[place - 1] > key; place--)
        {
            _keys[place] = _keys[place - 1];
        }

        _keys[place] = key;
    }
}
