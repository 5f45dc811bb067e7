using System.Buffers.Binary;
using DnsFlow.Protocol;

namespace DnsFlow.Zones;

/// <summary>
/// The chain of NSEC (RFC 4034 section 4) or NSEC3 (RFC 5155) records of a signed zone, in order: finds the one that covers a name. Immutable; allocates nothing.
/// </summary>
internal sealed class ZoneDenial
{
    /// <summary>The most iterations of a chain that is used: validators treat more as unsigned (RFC 9276 section 3.2), and each costs every query a hash.</summary>
    public const int MaxIterations = 150;

    private readonly ZoneProof[] _chain;
    private readonly byte[]? _salt;
    private readonly int _iterations;

    private ZoneDenial(IEnumerable<ZoneProof> chain, byte[]? salt, int iterations)
    {
        _chain = [.. chain];
        Array.Sort(_chain, static (left, right) => left.Key.AsSpan().SequenceCompareTo(right.Key));
        (_salt, _iterations) = (salt, iterations);
    }

    /// <summary>How many octets it takes beside the RRsets of the zone's names.</summary>
    public long Bytes => _chain.Sum(proof => sizeof(ulong) + ZoneMemory.OfObject(3) + ZoneMemory.OfArray(proof.Key.Length) + (IsHashed ? ZoneMemory.OfArray(proof.Owner.Length) + proof.Set.Bytes : 0));

    /// <summary>Whether the chain is of hashes.</summary>
    public bool IsHashed => _salt is not null;

    /// <summary>Finds a zone's chain and gives each node its own proof; null when the zone is not signed.</summary>
    /// <param name="apex">The apex.</param>
    /// <param name="nodes">The zone's names.</param>
    /// <param name="hashes">The owners of NSEC3 records, which are no names of the zone (RFC 5155 section 7.2.8).</param>
    public static ZoneDenial? Build(ReadOnlySpan<byte> apex, NameTable<ZoneNode> nodes, IReadOnlyList<(byte[] Name, ZoneNode Node)> hashes)
    {
        var set = nodes.Find(apex)?.Find(RecordType.NSEC3PARAM);
        var parameters = set is null ? default : set.FirstData;
        var denial = parameters is [1, 0, ..] && parameters.Length == 5 + parameters[4] && BinaryPrimitives.ReadUInt16BigEndian(parameters[2..]) <= MaxIterations
            ? BuildHashed(nodes, hashes, parameters)
            : BuildPlain(nodes);
        return denial._chain.Length > 0 ? denial : null;
    }

    /// <summary>The proof that a name, in wire form and lower case, does not exist: the last one at or before it.</summary>
    public ZoneProof Cover(ReadOnlySpan<byte> name)
    {
        Span<byte> key = stackalloc byte[CanonicalOrder.MaxLength];
        var index = Search(key[..Write(name, key)]);
        index = index < 0 ? ~index - 1 : index;
        return _chain[index < 0 ? _chain.Length - 1 : index];
    }

    private static ZoneDenial BuildPlain(NameTable<ZoneNode> nodes)
    {
        Span<byte> key = stackalloc byte[CanonicalOrder.MaxLength];
        var chain = new List<ZoneProof>();
        foreach (var (name, node) in nodes.Entries)
        {
            if (node.Find(RecordType.NSEC) is { } set)
            {
                node.Proof = new ZoneProof(key[..CanonicalOrder.Write(name, key)].ToArray(), name, set);
                chain.Add(node.Proof);
            }
        }

        return new ZoneDenial(chain, null, 0);
    }

    private static ZoneDenial BuildHashed(NameTable<ZoneNode> nodes, IReadOnlyList<(byte[] Name, ZoneNode Node)> hashes, ReadOnlySpan<byte> parameters)
    {
        Span<byte> hash = stackalloc byte[CanonicalOrder.MaxLength];
        var chain = new List<ZoneProof>();
        foreach (var (name, node) in hashes)
        {
            if (node.Find(RecordType.NSEC3) is { } set && IsOf(set.FirstData, parameters)
                && Nsec3Hash.Decode(name.AsSpan(1, name[0]), hash) == Nsec3Hash.Sha1Length)
            {
                chain.Add(new ZoneProof(hash[..Nsec3Hash.Sha1Length].ToArray(), name, set));
            }
        }

        var denial = new ZoneDenial(chain, parameters[5..].ToArray(), BinaryPrimitives.ReadUInt16BigEndian(parameters[2..]));
        foreach (var (name, node) in nodes.Entries)
        {
            if (chain.Count > 0 && denial.Search(hash[..denial.Write(name, hash)]) is >= 0 and var index)
            {
                node.Proof = denial._chain[index];
            }
        }

        return denial;
    }

    /// <summary>Whether an NSEC3 belongs to the chain: same algorithm, iterations and salt; the flags are its own.</summary>
    private static bool IsOf(ReadOnlySpan<byte> data, ReadOnlySpan<byte> parameters) =>
        data.Length > parameters.Length && data[0] == parameters[0] && data[2..parameters.Length].SequenceEqual(parameters[2..]);

    private int Write(ReadOnlySpan<byte> name, Span<byte> key)
    {
        if (_salt is null)
        {
            return CanonicalOrder.Write(name, key);
        }

        Nsec3Hash.Compute(name, _salt, _iterations, key);
        return Nsec3Hash.Sha1Length;
    }

    private int Search(ReadOnlySpan<byte> key)
    {
        int low = 0, high = _chain.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >> 1;
            var order = key.SequenceCompareTo(_chain[middle].Key);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order > 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }
}
