using System.Buffers.Binary;
using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>The parameters of SVCB and HTTPS: keys in strictly increasing order, each with its own form of value (RFC 9460 section 2).</summary>
internal sealed class SvcParamsField : RdataField
{
    public override bool TryRead(ref RdataReader reader)
    {
        var parameters = reader.Rest;
        var previous = -1;
        while (!reader.IsAtEnd)
        {
            if (!TryTake(ref reader, out var key, out var value) || key <= previous || !SvcParamForm.For(key).IsWellFormed(value))
            {
                return false;
            }

            previous = key;
        }

        return SvcParamForm.AreConsistent(parameters);
    }

    public override bool TryPrint(ref RdataReader reader, StringBuilder text)
    {
        if (!IsWellFormed(reader.Rest))
        {
            return false;
        }

        for (var separator = ""; !reader.IsAtEnd; separator = " ")
        {
            TryTake(ref reader, out var key, out var value);
            text.Append(separator).Append(SvcParamKeys.ToText(key));
            if (!value.IsEmpty)
            {
                text.Append('=');
                SvcParamForm.For(key).Print(value, text);
            }
        }

        return true;
    }

    public override bool TryParse(ref RdataParser parser)
    {
        var parameters = new SortedDictionary<ushort, byte[]>();
        while (!parser.IsAtEnd)
        {
            if (!parser.TryTakeBare("a service parameter", out var word) || !TryParseOne(ref parser, word, parameters))
            {
                return false;
            }
        }

        var start = parser.Output.Count;
        foreach (var (key, value) in parameters)
        {
            parser.WriteUInt16(key);
            parser.WriteUInt16((ushort)value.Length);
            parser.Output.AddRange(value);
        }

        byte[] written = [.. parser.Output.Skip(start)];
        return SvcParamForm.AreConsistent(written)
            || parser.Fail("every key that \"mandatory\" names must be there, and \"alpn\" with \"no-default-alpn\"");
    }

    private static bool TryParseOne(ref RdataParser parser, ReadOnlySpan<char> word, SortedDictionary<ushort, byte[]> parameters)
    {
        var equals = word.IndexOf('=');
        var name = equals < 0 ? word : word[..equals];
        if (!SvcParamKeys.TryParse(name, out var key))
        {
            return parser.Fail("the key of a service parameter", name);
        }

        var value = equals < 0 ? default : word[(equals + 1)..];
        if (value is ['"', .., '"'])
        {
            value = value[1..^1];
        }

        var octets = new List<byte>();
        if (!Escapes.TryDecode(value, octets) || !SvcParamForm.For(key).TryParse(octets, out var wire) || wire.Length > 65535
            || !SvcParamForm.For(key).IsWellFormed(wire))
        {
            return parser.Fail($"a value for the service parameter {SvcParamKeys.ToText(key)}", word);
        }

        return parameters.TryAdd(key, wire) || parser.Fail($"the service parameter {SvcParamKeys.ToText(key)} is given twice");
    }

    private static bool IsWellFormed(ReadOnlySpan<byte> parameters)
    {
        var reader = RdataReader.ForRdata(parameters);
        return RdataFields.SvcParams.TryRead(ref reader);
    }

    private static bool TryTake(ref RdataReader reader, out ushort key, out ReadOnlySpan<byte> value)
    {
        value = default;
        key = 0;
        if (!reader.TryTake(4, out var head))
        {
            return false;
        }

        key = BinaryPrimitives.ReadUInt16BigEndian(head);
        return reader.TryTake(BinaryPrimitives.ReadUInt16BigEndian(head[2..]), out value);
    }
}
