using DnsFlow.Protocol;

namespace DnsFlow.Lists.Syntaxes;

/// <summary>
/// One name a line, <c>#</c> before comments. A name stands for itself, or for what is below it too where the list says <c>Subdomains</c>;
/// <c>*.name</c> stands for the name and everything below it, which is what authors of such lists mean.
/// </summary>
internal sealed class DomainsSyntax : IListSyntax
{
    public string Name => "domains";

    public int Weigh(ReadOnlySpan<byte> line)
    {
        Span<byte> wire = stackalloc byte[WireName.MaxLength];
        line = Words.WithoutComment(line);
        return line.StartsWith("*."u8) ? (ListNames.Read(line[2..], wire, out _) is null ? 2 : 0)
            : line.Contains((byte)'.') && ListNames.Read(line, wire, out _) is null ? 1 : 0;
    }

    public IListReader Open(ListBuilder list) => new DomainsReader(list);
}
