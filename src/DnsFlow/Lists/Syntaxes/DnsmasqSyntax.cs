namespace DnsFlow.Lists.Syntaxes;

/// <summary>dnsmasq.conf: <c>address=/NAME/[ADDRESS]</c>, <c>server=/NAME/</c>, <c>local=/NAME/</c>. A line covers the name and what is below; the longest name decides.</summary>
internal sealed class DnsmasqSyntax : IListSyntax
{
    public string Name => "dnsmasq";

    public int Weigh(ReadOnlySpan<byte> line) =>
        line.StartsWith("address=/"u8) || line.StartsWith("server=/"u8) || line.StartsWith("local=/"u8) || line.StartsWith("host-record="u8) ? 2 : 0;

    public IListReader Open(ListBuilder list) => new DnsmasqReader(list);
}
