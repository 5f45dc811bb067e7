namespace DnsFlow.Zones;

/// <summary>An NSEC or NSEC3 RRset and where it stands in the order of its chain.</summary>
internal sealed class ZoneProof(byte[] key, byte[] owner, ZoneRRset set)
{
    /// <summary>What it is sorted by: the name as <see cref="CanonicalOrder"/> writes it, or the hash.</summary>
    public byte[] Key => key;

    /// <summary>Its owner in wire form, lower case.</summary>
    public byte[] Owner => owner;

    /// <summary>The RRset.</summary>
    public ZoneRRset Set => set;
}
