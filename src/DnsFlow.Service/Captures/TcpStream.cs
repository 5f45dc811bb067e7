using System.Buffers.Binary;
using DnsFlow.Flows;
using DnsFlow.Protocol;

namespace DnsFlow.Service.Captures;

/// <summary>
/// One direction of a TCP connection: segments in any order, repeated or overlapping, become a stream, and the stream becomes messages (RFC 1035
/// section 4.2.2). What a bounded wait does not bring is a gap; behind one, messages are looked for anew.
/// </summary>
internal sealed class TcpStream(FlowEndpoint source, FlowEndpoint destination, uint next, ICaptureSink sink, CaptureReport report)
{
    private const int MaxWaiting = 128 << 10;

    private readonly SortedList<uint, byte[]> _waiting = [];     // by distance from where the stream began
    private readonly uint _first = next;
    private byte[] _partial = [];
    private int _waitingOctets;
    private uint _next = next;
    private bool _isLost;

    /// <summary>One segment's data.</summary>
    public void Take(uint sequence, ReadOnlySpan<byte> data, DateTimeOffset? time)
    {
        var ahead = unchecked((int)(sequence - _next));
        if (ahead > 0)
        {
            Keep(sequence, data);
            if (_waitingOctets <= MaxWaiting)
            {
                return;
            }

            report.Skip("a gap in a TCP stream");
            _partial = [];
            _next = _first + _waiting.Keys[0];
        }
        else if (-(long)ahead < data.Length)
        {
            Append(data[-ahead..], time);
        }

        TakeWaiting(time);
    }

    /// <summary>The sender says its last octet stands before <paramref name="sequence"/>; true when nothing more is to come.</summary>
    public bool EndAt(uint sequence, bool isReset) => isReset || sequence == _next;

    private void Keep(uint sequence, ReadOnlySpan<byte> data)
    {
        var distance = sequence - _first;
        if (!_waiting.TryGetValue(distance, out var known) || known.Length < data.Length)
        {
            _waitingOctets += data.Length - (known?.Length ?? 0);
            _waiting[distance] = data.ToArray();
        }
    }

    private void TakeWaiting(DateTimeOffset? time)
    {
        while (_waiting.Count > 0)
        {
            var behind = unchecked((int)(_next - (_first + _waiting.Keys[0])));
            if (behind < 0)
            {
                return;
            }

            var data = _waiting.Values[0];
            _waiting.RemoveAt(0);
            _waitingOctets -= data.Length;
            if (behind < data.Length)
            {
                Append(data.AsSpan(behind), time);
            }
        }
    }

    private void Append(ReadOnlySpan<byte> data, DateTimeOffset? time)
    {
        _next += (uint)data.Length;
        if (_isLost)
        {
            _isLost = !LooksLikeMessage(data);
            if (_isLost)
            {
                return;
            }
        }

        ReadOnlySpan<byte> rest = _partial.Length == 0 ? data : [.. _partial, .. data];
        while (rest.Length >= 2)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(rest);
            if (length < DnsHeader.Size)
            {
                report.Skip("a TCP stream that is not DNS");
                _isLost = true;
                rest = default;
                break;
            }

            if (rest.Length < 2 + length)
            {
                break;
            }

            Give(rest.Slice(2, length), time);
            rest = rest[(2 + length)..];
        }

        _partial = rest.ToArray();
    }

    // A length, and a header that speaks of one question.
    private static bool LooksLikeMessage(ReadOnlySpan<byte> data) =>
        data.Length >= 2 + DnsHeader.Size && BinaryPrimitives.ReadUInt16BigEndian(data) >= DnsHeader.Size
        && BinaryPrimitives.ReadUInt16BigEndian(data[6..]) == 1;

    private void Give(ReadOnlySpan<byte> message, DateTimeOffset? time)
    {
        report.Messages++;
        sink.Take(new CapturedMessage { Time = time, Source = source, Destination = destination, Transport = FlowTransport.Tcp, Octets = message });
    }
}
