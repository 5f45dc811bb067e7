namespace DnsFlow.Lists.Syntaxes;

/// <summary>Rules of AdBlock and AdGuard DNS: <c>||name^$modifier</c>, exceptions with <c>@@</c>; lines of hosts files and names alone are read too.</summary>
internal sealed class AdBlockSyntax : IListSyntax
{
    public string Name => "adblock";

    public int Weigh(ReadOnlySpan<byte> line) =>
        line.StartsWith("||"u8) || line.StartsWith("@@"u8) || line.StartsWith("[Adblock"u8) ? 3
        : line[0] == '!' || AdBlockReader.IsCosmetic(line) ? 2
        : line[0] is (byte)'|' or (byte)'/' || line[^1] is (byte)'^' ? 1
        : 0;

    public IListReader Open(ListBuilder list) => new AdBlockReader(list);
}
