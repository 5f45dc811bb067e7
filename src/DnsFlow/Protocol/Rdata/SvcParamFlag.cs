using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>A key without a value (no-default-alpn, ohttp).</summary>
internal sealed class SvcParamFlag : SvcParamForm
{
    public override bool IsWellFormed(ReadOnlySpan<byte> value) => value.IsEmpty;

    public override void Print(ReadOnlySpan<byte> value, StringBuilder text)
    {
        // A well-formed value is empty and leaves nothing to print.
    }

    public override bool TryParse(List<byte> text, [NotNullWhen(true)] out byte[]? value)
    {
        value = text.Count == 0 ? [] : null;
        return value is not null;
    }
}
