using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>A domain name.</summary>
internal sealed class NameField(NameCompression compression) : RdataField
{
    /// <summary>Whether a writer may compress it.</summary>
    public bool IsCompressible => compression == NameCompression.ReadAndWrite;

    public override bool TryRead(ref RdataReader reader)
    {
        Span<byte> name = stackalloc byte[WireName.MaxLength];
        return reader.TakeName(name, compression != NameCompression.None) > 0;
    }

    public override bool TryPrint(ref RdataReader reader, StringBuilder text)
    {
        Span<byte> name = stackalloc byte[WireName.MaxLength];
        var length = reader.TakeName(name, pointersAllowed: false);
        if (length < 0)
        {
            return false;
        }

        text.Append(NameText.Print(name[..length]));
        return true;
    }

    public override bool TryParse(ref RdataParser parser)
    {
        if (!parser.TryTakeBare("a name", out var word))
        {
            return false;
        }

        if (!DomainName.TryParse(word, parser.Origin, out var name, out var error))
        {
            return parser.Fail($"\"{word}\": {error}");
        }

        parser.Output.AddRange(name.Wire);
        return true;
    }
}
