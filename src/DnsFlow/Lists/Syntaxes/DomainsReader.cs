using DnsFlow.Names;
using DnsFlow.Protocol;

namespace DnsFlow.Lists.Syntaxes;

/// <summary>Reads names, one a line.</summary>
internal sealed class DomainsReader(ListBuilder list) : IListReader
{
    private readonly byte[] _name = new byte[WireName.MaxLength];

    public void Read(ReadOnlySpan<byte> line)
    {
        line = Words.WithoutComment(line);
        if (line.IsEmpty)
        {
            return;
        }

        var scope = list.WithSubdomains ? NameScope.AtAndBelow : NameScope.Exact;
        if (line.StartsWith("*."u8))
        {
            line = line[2..];
            scope = NameScope.AtAndBelow;
        }

        if (ListNames.Read(line, _name, out var length) is { } reason)
        {
            list.Skip(reason);
            return;
        }

        list.Add(_name.AsSpan(0, length), scope);
    }

    public void End()
    {
    }
}
