using System.Buffers.Binary;
using System.Security.Cryptography;
using DnsFlow.Protocol;

namespace DnsFlow.Shards;

/// <summary>
/// How many networks one name is asked for at a time: each is a question of its own, and whoever forges replies would have as many chances at once (the birthday
/// paradox; Rebirthday, CVE-2025-5994). Counted by a seeded hash in a small table: rarely two names share a count. One owner; allocates nothing.
/// </summary>
internal sealed class SubnetVariants
{
    /// <summary>Networks in flight for one name at most.</summary>
    public const int Most = 8;

    private readonly byte[] _counts = new byte[4_096];
    private readonly ulong _seed = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8));

    /// <summary>Takes a place for a name in lower case; false when as many of its questions are in flight as may be.</summary>
    public bool TryBegin(ReadOnlySpan<byte> name)
    {
        ref var count = ref Count(name);
        return count < Most && ++count > 0;
    }

    /// <summary>Gives the place back.</summary>
    public void End(ReadOnlySpan<byte> name) => Count(name)--;

    private ref byte Count(ReadOnlySpan<byte> name) => ref _counts[WireName.Hash(name, _seed) % (uint)_counts.Length];
}
