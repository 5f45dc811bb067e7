using System.Net;
using DnsFlow.Flows;
using Google.Protobuf;

namespace DnsFlow.Service.Captures;

/// <summary>What matters of a dnstap <c>Message</c>. Field numbers are those of dnstap.proto.</summary>
internal sealed class DnstapMessage
{
    private ulong _type;
    private ulong _seconds;
    private uint _nanoseconds;
    private ulong _protocol;
    private ByteString _source = ByteString.Empty;
    private ByteString _destination = ByteString.Empty;
    private ulong _sourcePort;
    private ulong _destinationPort;
    private ByteString _query = ByteString.Empty;

    /// <summary>Whether a client sent it: AUTH_QUERY, CLIENT_QUERY, STUB_QUERY, TOOL_QUERY; what a resolver asks others is not meant.</summary>
    public bool IsFromClient => _type is 1 or 5 or 9 or 11;

    /// <summary>The query in wire form.</summary>
    public ReadOnlyMemory<byte> Query => _query.Memory;

    /// <summary>Whether UDP carried it.</summary>
    public bool IsDatagram => _protocol is 0 or 1;

    /// <summary>When; null when the message does not say.</summary>
    public DateTimeOffset? Time => _seconds is > 0 and < 253_402_300_800 ? DateTimeOffset.FromUnixTimeSeconds((long)_seconds).AddTicks(_nanoseconds / 100) : null;

    /// <summary>The client.</summary>
    public FlowEndpoint Source => Endpoint(_source, _sourcePort);

    /// <summary>The server.</summary>
    public FlowEndpoint Destination => Endpoint(_destination, _destinationPort);

    /// <summary>Reads a <c>Dnstap</c>; null when it holds no message.</summary>
    /// <exception cref="InvalidProtocolBufferException">The octets are no protocol buffer.</exception>
    public static DnstapMessage? Read(byte[] octets)
    {
        using var input = new CodedInputStream(octets);
        DnstapMessage? message = null;
        uint tag;
        while ((tag = input.ReadTag()) != 0)
        {
            if (WireFormat.GetTagFieldNumber(tag) == 14 && WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited)
            {
                message = ReadMessage(input.ReadBytes());
            }
            else
            {
                input.SkipLastField();
            }
        }

        return message;
    }

    private static DnstapMessage ReadMessage(ByteString octets)
    {
        using var input = octets.CreateCodedInput();
        var message = new DnstapMessage();
        uint tag;
        while ((tag = input.ReadTag()) != 0)
        {
            message.TakeField(tag, input);
        }

        return message;
    }

    private void TakeField(uint tag, CodedInputStream input)
    {
        switch ((WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagWireType(tag)))
        {
            case (1, WireFormat.WireType.Varint): _type = input.ReadUInt64(); break;
            case (3, WireFormat.WireType.Varint): _protocol = input.ReadUInt64(); break;
            case (4, WireFormat.WireType.LengthDelimited): _source = input.ReadBytes(); break;
            case (5, WireFormat.WireType.LengthDelimited): _destination = input.ReadBytes(); break;
            case (6, WireFormat.WireType.Varint): _sourcePort = input.ReadUInt64(); break;
            case (7, WireFormat.WireType.Varint): _destinationPort = input.ReadUInt64(); break;
            case (8, WireFormat.WireType.Varint): _seconds = input.ReadUInt64(); break;
            case (9, WireFormat.WireType.Fixed32): _nanoseconds = input.ReadFixed32(); break;
            case (10, WireFormat.WireType.LengthDelimited): _query = input.ReadBytes(); break;
            default: input.SkipLastField(); break;
        }
    }

    private static FlowEndpoint Endpoint(ByteString address, ulong port)
        => address.Length is 4 or 16 ? FlowEndpoint.From(new IPAddress(address.Span), (ushort)port) : FlowEndpoint.FromIPv4(0, (ushort)port);
}
