namespace DnsFlow.Lists.Syntaxes;

/// <summary>
/// <c>ADDRESS NAME [NAME...]</c>: exactly these names. An unspecified or loopback address blocks; any other is the answer.
/// </summary>
internal sealed class HostsSyntax : IListSyntax
{
    public string Name => "hosts";

    public int Weigh(ReadOnlySpan<byte> line)
    {
        line = Words.WithoutComment(line);
        var address = Words.Take(ref line);
        return Words.Take(ref line).IsEmpty || !HostsReader.TryReadAddress(address, out _) ? 0 : 2;
    }

    public IListReader Open(ListBuilder list) => new HostsReader(list);
}
