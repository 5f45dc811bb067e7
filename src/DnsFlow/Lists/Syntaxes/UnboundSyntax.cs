namespace DnsFlow.Lists.Syntaxes;

/// <summary>unbound.conf: <c>local-zone: "NAME" TYPE</c> and <c>local-data: "RECORD"</c>. A zone covers its name and what is below; the longest name decides.</summary>
internal sealed class UnboundSyntax : IListSyntax
{
    public string Name => "unbound";

    public int Weigh(ReadOnlySpan<byte> line) =>
        line.StartsWith("local-zone:"u8) || line.StartsWith("local-data:"u8) ? 2 : line.StartsWith("server:"u8) ? 1 : 0;

    public IListReader Open(ListBuilder list) => new UnboundReader(list);
}
