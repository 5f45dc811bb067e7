using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>Octets: written in base64 (ech) or as a string (dohpath, keys that are not known).</summary>
internal sealed class SvcParamOctets(bool isBase64, bool canBeEmpty) : SvcParamForm
{
    public override bool IsWellFormed(ReadOnlySpan<byte> value) => canBeEmpty || !value.IsEmpty;

    public override void Print(ReadOnlySpan<byte> value, StringBuilder text)
    {
        if (isBase64)
        {
            text.Append('"').Append(Convert.ToBase64String(value)).Append('"');
        }
        else
        {
            Escapes.AppendQuoted(text, value);
        }
    }

    public override bool TryParse(List<byte> text, [NotNullWhen(true)] out byte[]? value)
    {
        if (!isBase64)
        {
            value = [.. text];
            return true;
        }

        var octets = new List<byte>();
        var decoded = TextEncoding.Base64.TryDecode(Encoding.Latin1.GetString([.. text]), octets);
        value = decoded ? [.. octets] : null;
        return decoded;
    }
}
