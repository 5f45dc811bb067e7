using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>One or more addresses of 4 or 16 octets.</summary>
internal sealed class SvcParamAddresses(int size) : SvcParamForm
{
    public override bool IsWellFormed(ReadOnlySpan<byte> value) => !value.IsEmpty && value.Length % size == 0;

    public override void Print(ReadOnlySpan<byte> value, StringBuilder text)
    {
        for (var i = 0; i < value.Length; i += size)
        {
            text.Append(i == 0 ? "" : ",").Append(new IPAddress(value.Slice(i, size)));
        }
    }

    public override bool TryParse(List<byte> text, [NotNullWhen(true)] out byte[]? value)
    {
        value = null;
        var addresses = Split(text);
        var octets = new byte[addresses.Length * size];
        for (var i = 0; i < addresses.Length; i++)
        {
            if (!AddressText.TryParse(addresses[i], octets.AsSpan(i * size, size)))
            {
                return false;
            }
        }

        value = octets;
        return true;
    }
}
