namespace DnsFlow.Caching;

/// <summary>How far somebody has come who looks at every entry of a segment: the small ring first, for what moves on goes into the main one.</summary>
internal struct CacheWalk
{
    /// <summary>The ring.</summary>
    public int Ring;

    /// <summary>The position in it; 0 = its oldest entry.</summary>
    public ulong Position;

    /// <summary>How many entries were removed.</summary>
    public long Removed;
}
