using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>Counted strings that are not empty (alpn). In text commas separate them; a comma or backslash inside has a backslash (RFC 9460 appendix A.1).</summary>
internal sealed class SvcParamNames : SvcParamForm
{
    public override bool IsWellFormed(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
        {
            return false;
        }

        while (!value.IsEmpty)
        {
            if (value[0] == 0 || value[0] >= value.Length)
            {
                return false;
            }

            value = value[(value[0] + 1)..];
        }

        return true;
    }

    public override void Print(ReadOnlySpan<byte> value, StringBuilder text)
    {
        var list = new List<byte>();
        for (; !value.IsEmpty; value = value[(value[0] + 1)..])
        {
            if (list.Count > 0)
            {
                list.Add((byte)',');
            }

            foreach (var octet in value.Slice(1, value[0]))
            {
                if (octet is (byte)',' or (byte)'\\')
                {
                    list.Add((byte)'\\');
                }

                list.Add(octet);
            }
        }

        Escapes.AppendQuoted(text, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(list));
    }

    public override bool TryParse(List<byte> text, [NotNullWhen(true)] out byte[]? value)
    {
        value = null;
        var octets = new List<byte> { 0 };
        var start = 0;
        for (var i = 0; i < text.Count; i++)
        {
            if (text[i] == ',')
            {
                start = octets.Count;
                octets.Add(0);
                continue;
            }

            if (text[i] == '\\' && ++i == text.Count)
            {
                return false;
            }

            octets.Add(text[i]);
            if (++octets[start] == 0)
            {
                return false;       // more than 255 octets
            }
        }

        value = [.. octets];
        return true;
    }
}
