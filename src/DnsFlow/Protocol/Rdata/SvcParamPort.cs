using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>A port.</summary>
internal sealed class SvcParamPort : SvcParamForm
{
    public override bool IsWellFormed(ReadOnlySpan<byte> value) => value.Length == 2;

    public override void Print(ReadOnlySpan<byte> value, StringBuilder text) =>
        text.Append(CultureInfo.InvariantCulture, $"{BinaryPrimitives.ReadUInt16BigEndian(value)}");

    public override bool TryParse(List<byte> text, [NotNullWhen(true)] out byte[]? value)
    {
        var parsed = ushort.TryParse(Encoding.Latin1.GetString([.. text]), NumberStyles.None, CultureInfo.InvariantCulture, out var port);
        value = parsed ? [(byte)(port >> 8), (byte)port] : null;
        return parsed;
    }
}
