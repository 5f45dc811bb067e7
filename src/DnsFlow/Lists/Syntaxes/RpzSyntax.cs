namespace DnsFlow.Lists.Syntaxes;

/// <summary>
/// A response policy zone: owners are triggers, records are actions. Also fragments without SOA, NS, <c>$TTL</c> and <c>$ORIGIN</c>, as lists publish them.
/// </summary>
internal sealed class RpzSyntax : IListSyntax
{
    public string Name => "rpz";

    public int Weigh(ReadOnlySpan<byte> line)
    {
        if (line.StartsWith("$TTL"u8) || line.StartsWith("$ORIGIN"u8))
        {
            return 2;
        }

        if (line.StartsWith(";"u8))
        {
            return 1;
        }

        for (var words = 0; words < 5; words++)
        {
            var word = Words.Take(ref line);
            if (words > 0 && (word.SequenceEqual("CNAME"u8) || word.SequenceEqual("SOA"u8)))
            {
                return Words.Take(ref line).IsEmpty ? 0 : 2;
            }
        }

        return 0;
    }

    public IListReader Open(ListBuilder list) => new RpzReader(list);
}
