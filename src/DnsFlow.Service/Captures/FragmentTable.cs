using DnsFlow.Flows;

namespace DnsFlow.Service.Captures;

/// <summary>Puts fragments together. Holds a bounded number of packets; the oldest unfinished one makes room.</summary>
internal sealed class FragmentTable(CaptureReport report)
{
    private const int MaxPackets = 64;

    private readonly Dictionary<Key, Parts> _packets = [];
    private readonly Queue<Key> _order = [];

    /// <summary>Adds a fragment; returns the packet's whole payload when this was the last one missing, else nothing.</summary>
    public ReadOnlySpan<byte> Add(in IPPacket fragment)
    {
        var key = new Key(fragment.Source, fragment.Destination, fragment.Protocol, fragment.FragmentId);
        if (!_packets.TryGetValue(key, out var parts))
        {
            if (_packets.Count == MaxPackets)
            {
                DropOldest();
            }

            parts = new Parts();
            _packets.Add(key, parts);
            _order.Enqueue(key);
        }

        if (!parts.TryAdd(fragment.FragmentOffset, fragment.MoreFragments, fragment.Payload))
        {
            report.Skip("fragments that do not fit together");
            _packets.Remove(key);
            return default;
        }

        if (!parts.IsWhole)
        {
            return default;
        }

        _packets.Remove(key);
        return parts.Payload;
    }

    private void DropOldest()
    {
        // Keys of packets that became whole are still in the queue.
        while (_order.TryDequeue(out var key))
        {
            if (_packets.Remove(key))
            {
                report.Skip("fragments without the rest");
                return;
            }
        }
    }

    private readonly record struct Key(FlowEndpoint Source, FlowEndpoint Destination, int Protocol, uint Id);

    private sealed class Parts
    {
        private readonly List<(int Start, int End)> _have = [];
        private byte[] _octets = new byte[2048];
        private int _length = -1;

        public bool IsWhole => _length >= 0 && _have is [{ Start: 0 } only] && only.End == _length;

        public ReadOnlySpan<byte> Payload => _octets.AsSpan(0, _length);

        public bool TryAdd(int offset, bool hasMore, ReadOnlySpan<byte> data)
        {
            var end = offset + data.Length;
            if (end > ushort.MaxValue || (_length >= 0 && end > _length))
            {
                return false;
            }

            if (!hasMore)
            {
                _length = end;
            }

            if (end > _octets.Length)
            {
                Array.Resize(ref _octets, Math.Max(end, _octets.Length * 2));
            }

            data.CopyTo(_octets.AsSpan(offset));
            Merge(offset, end);
            return true;
        }

        private void Merge(int start, int end)
        {
            _have.Add((start, end));
            _have.Sort();
            for (var i = 1; i < _have.Count;)
            {
                if (_have[i].Start > _have[i - 1].End)
                {
                    i++;
                    continue;
                }

                _have[i - 1] = (_have[i - 1].Start, Math.Max(_have[i - 1].End, _have[i].End));
                _have.RemoveAt(i);
            }
        }
    }
}
