using System.Buffers.Binary;
using DnsFlow.Flows;

namespace DnsFlow.Service.Captures;

/// <summary>The TCP streams of a capture, one direction each. Bounded; the one begun longest ago makes room.</summary>
internal sealed class TcpStreamTable(ICaptureSink sink, CaptureReport report)
{
    private const int MaxStreams = 4_096;
    private const int Fin = 1;
    private const int Syn = 2;
    private const int Rst = 4;

    private readonly Dictionary<(FlowEndpoint Source, FlowEndpoint Destination), TcpStream> _streams = [];
    private readonly Queue<(FlowEndpoint Source, FlowEndpoint Destination)> _order = [];

    /// <summary>One segment, its header included.</summary>
    public void Take(FlowEndpoint source, FlowEndpoint destination, DateTimeOffset? time, ReadOnlySpan<byte> segment)
    {
        var header = segment.Length < 20 ? 0 : (segment[12] >> 4) * 4;
        if (header < 20 || header > segment.Length)
        {
            report.Skip("cut short");
            return;
        }

        var key = (source, destination);
        var flags = segment[13];
        var sequence = BinaryPrimitives.ReadUInt32BigEndian(segment[4..]);
        if ((flags & Syn) != 0)
        {
            Begin(key, sequence + 1);
            sequence++;
        }

        var data = segment[header..];
        if (!data.IsEmpty)
        {
            // Without its beginning: taken for the first octet of a message, and given up when it does not look like one.
            var stream = _streams.GetValueOrDefault(key) ?? Begin(key, sequence);
            stream.Take(sequence, data, time);
        }

        if ((flags & (Fin | Rst)) != 0 && _streams.TryGetValue(key, out var ended) && ended.EndAt(sequence + (uint)data.Length, (flags & Rst) != 0))
        {
            _streams.Remove(key);
        }
    }

    private TcpStream Begin((FlowEndpoint Source, FlowEndpoint Destination) key, uint sequence)
    {
        if (!_streams.ContainsKey(key))
        {
            while (_streams.Count >= MaxStreams && _order.TryDequeue(out var oldest))
            {
                _streams.Remove(oldest);
            }

            _order.Enqueue(key);
        }

        var stream = new TcpStream(key.Source, key.Destination, sequence, sink, report);
        _streams[key] = stream;
        return stream;
    }
}
