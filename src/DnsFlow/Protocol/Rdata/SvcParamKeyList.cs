using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>Keys in strictly increasing order, "mandatory" itself not among them (RFC 9460 section 8).</summary>
internal sealed class SvcParamKeyList : SvcParamForm
{
    public override bool IsWellFormed(ReadOnlySpan<byte> value)
    {
        var previous = 0;
        for (var i = 0; i + 1 < value.Length; i += 2)
        {
            var key = BinaryPrimitives.ReadUInt16BigEndian(value[i..]);
            if (key <= previous)
            {
                return false;
            }

            previous = key;
        }

        return !value.IsEmpty && value.Length % 2 == 0;
    }

    public override void Print(ReadOnlySpan<byte> value, StringBuilder text)
    {
        for (var i = 0; i < value.Length; i += 2)
        {
            text.Append(i == 0 ? "" : ",").Append(SvcParamKeys.ToText(BinaryPrimitives.ReadUInt16BigEndian(value[i..])));
        }
    }

    public override bool TryParse(List<byte> text, [NotNullWhen(true)] out byte[]? value)
    {
        value = null;
        var keys = new SortedSet<ushort>();
        foreach (var word in Split(text))
        {
            if (!SvcParamKeys.TryParse(word, out var key) || !keys.Add(key))
            {
                return false;
            }
        }

        var octets = new List<byte>();
        foreach (var key in keys)
        {
            BigEndian.Append(octets, key, 2);
        }

        value = [.. octets];
        return true;
    }
}
