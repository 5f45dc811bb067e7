using System.Buffers.Binary;
using System.Net;
using DnsFlow.Protocol;

namespace DnsFlow.TestKit;

/// <summary>A query that a <see cref="FakeUpstream"/> received, and the means to answer it well or badly.</summary>
public sealed class FakeQuery
{
    private readonly Func<ReadOnlyMemory<byte>, Task> _send;
    private readonly Action<bool> _close;

    internal FakeQuery(byte[] message, bool overStream, IPEndPoint from, int connection, Func<ReadOnlyMemory<byte>, Task> send, Action<bool> close)
    {
        (Message, OverStream, From, Connection, _send, _close) = (message, overStream, from, connection, send, close);
    }

    /// <summary>The whole message.</summary>
    public byte[] Message { get; }

    /// <summary>Whether it came over TCP.</summary>
    public bool OverStream { get; }

    /// <summary>The asker's address and port.</summary>
    public IPEndPoint From { get; }

    /// <summary>The number of the connection, from 1; 0 for datagrams.</summary>
    public int Connection { get; }

    /// <summary>The ID.</summary>
    public ushort Id => BinaryPrimitives.ReadUInt16BigEndian(Message);

    /// <summary>QNAME, QTYPE and QCLASS.</summary>
    public ReadOnlySpan<byte> Question => Message.AsSpan(DnsHeader.Size, WireName.Measure(Message, DnsHeader.Size) + 4);

    /// <summary>A response that repeats the question and has one A record; none when <paramref name="address"/> is null.</summary>
    public byte[] Respond(string? address, ResponseCode code = ResponseCode.NoError, bool truncated = false)
    {
        var question = Question;
        var answer = address is null ? [] : AddressRecord(address);
        var response = new byte[DnsHeader.Size + question.Length + answer.Length];
        var flags = DnsHeader.ResponseBit | DnsHeader.RecursionDesiredBit | DnsHeader.RecursionAvailableBit
            | (truncated ? DnsHeader.TruncatedBit : 0) | (int)code;
        new DnsHeader(Id, (ushort)flags, 1, (ushort)(answer.Length > 0 ? 1 : 0), 0, 0).Write(response);
        question.CopyTo(response.AsSpan(DnsHeader.Size));
        answer.CopyTo(response, DnsHeader.Size + question.Length);
        return response;
    }

    /// <summary>Sends a message, over TCP behind its length.</summary>
    public Task SendAsync(byte[] message)
    {
        if (!OverStream)
        {
            return _send(message);
        }

        var framed = new byte[2 + message.Length];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)message.Length);
        message.CopyTo(framed, 2);
        return _send(framed);
    }

    /// <summary>Sends octets as they are.</summary>
    public Task SendRawAsync(byte[] octets) => _send(octets);

    /// <summary>Closes the connection, with a FIN or with a RST. Datagrams have none.</summary>
    public void Close(bool reset) => _close(reset);

    private static byte[] AddressRecord(string address) =>
        [0xC0, 0x0C, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, .. IPAddress.Parse(address).GetAddressBytes()];
}
