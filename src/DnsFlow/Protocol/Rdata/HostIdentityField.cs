using System.Globalization;
using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>HIP's algorithm, host identity tag and public key, whose lengths lead the wire form (RFC 8005 section 5).</summary>
internal sealed class HostIdentityField : RdataField
{
    public override bool TryRead(ref RdataReader reader) => TryTake(ref reader, out _, out _, out _);

    public override bool TryPrint(ref RdataReader reader, StringBuilder text)
    {
        if (!TryTake(ref reader, out var algorithm, out var tag, out var key))
        {
            return false;
        }

        text.Append(CultureInfo.InvariantCulture, $"{algorithm} {Convert.ToHexString(tag)} {Convert.ToBase64String(key)}");
        return true;
    }

    public override bool TryParse(ref RdataParser parser)
    {
        var start = parser.Output.Count;
        parser.Output.Add(0);
        if (!RdataFields.U8.TryParse(ref parser) || !parser.TryTakeBare("a host identity tag", out var tag))
        {
            return false;
        }

        parser.WriteUInt16(0);
        if (!TextEncoding.Hex.TryDecode(tag, parser.Output) || parser.Output.Count - start - 4 is 0 or > 255)
        {
            return parser.Fail("a host identity tag in hexadecimal digits", tag);
        }

        var tagEnd = parser.Output.Count;
        if (!parser.TryTakeBare("a public key", out var key))
        {
            return false;
        }

        if (!TextEncoding.Base64.TryDecode(key, parser.Output) || parser.Output.Count - tagEnd is 0 or > 65535)
        {
            return parser.Fail("a public key in base64", key);
        }

        parser.Output[start] = (byte)(tagEnd - start - 4);
        parser.Output[start + 2] = (byte)((parser.Output.Count - tagEnd) >> 8);
        parser.Output[start + 3] = (byte)(parser.Output.Count - tagEnd);
        return true;
    }

    private static bool TryTake(ref RdataReader reader, out byte algorithm, out ReadOnlySpan<byte> tag, out ReadOnlySpan<byte> key)
    {
        tag = key = default;
        algorithm = 0;
        if (!reader.TryTake(4, out var head))
        {
            return false;
        }

        algorithm = head[1];
        return reader.TryTake(head[0], out tag) && reader.TryTake((head[2] << 8) | head[3], out key) && !tag.IsEmpty && !key.IsEmpty;
    }
}
