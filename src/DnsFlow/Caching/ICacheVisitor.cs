namespace DnsFlow.Caching;

/// <summary>Is shown what the cache holds, while nobody writes to it.</summary>
internal interface ICacheVisitor
{
    /// <summary>Sees one response.</summary>
    void Visit(in EntryHeader header, ReadOnlySpan<byte> message, ReadOnlySpan<ushort> ttlOffsets);
}
