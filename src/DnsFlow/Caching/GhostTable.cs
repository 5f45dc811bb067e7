using DnsFlow.Limits;

namespace DnsFlow.Caching;

/// <summary>Fingerprints of entries that were evicted on probation. One that is asked for again so soon was not junk. One writer, who alone reads.</summary>
internal sealed class GhostTable : IDisposable
{
    private readonly NativeTable<uint> _fingerprints;

    /// <summary>Makes a table; <paramref name="length"/> is a power of two.</summary>
    public GhostTable(int length) => _fingerprints = new NativeTable<uint>(length);

    /// <summary>The size in octets.</summary>
    public long Bytes => _fingerprints.Bytes;

    /// <summary>Asks the processor to load the place of an entry.</summary>
    public void Prefetch(ulong hash) => _fingerprints.Prefetch((int)hash & (_fingerprints.Length - 1));

    /// <summary>Remembers an evicted entry, in place of whichever had its place before.</summary>
    public void Remember(ulong hash) => Place(hash) = Fingerprint(hash);

    /// <summary>Whether an entry was remembered; it is not afterwards.</summary>
    public bool Take(ulong hash)
    {
        ref var fingerprint = ref Place(hash);
        if (fingerprint != Fingerprint(hash))
        {
            return false;
        }

        fingerprint = 0;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _fingerprints.Dispose();

    private static uint Fingerprint(ulong hash) => (uint)(hash >> 32) | 1;

    private ref uint Place(ulong hash) => ref _fingerprints[(int)hash & (_fingerprints.Length - 1)];
}
