using DnsFlow.Protocol;

namespace DnsFlow.Queries;

/// <summary>What makes two questions the same for the cache and for joining: name without letter case, type, class, DO, CD and partition.</summary>
public readonly ref struct QuestionKey
{
    /// <summary>Makes a key; <paramref name="name"/> is in wire form and lower case.</summary>
    public QuestionKey(ReadOnlySpan<byte> name, RecordType type, RecordClass @class, bool dnssecOk, bool checkingDisabled, uint partition, ulong seed)
        : this(name, type, @class, dnssecOk, checkingDisabled, partition)
        => Hash = HashOf(WireName.Hash(name, seed), type, @class, dnssecOk, checkingDisabled, partition);

    /// <summary>Makes a key whose hash is known.</summary>
    internal QuestionKey(ReadOnlySpan<byte> name, RecordType type, RecordClass @class, bool dnssecOk, bool checkingDisabled, uint partition)
    {
        Name = name;
        Type = type;
        Class = @class;
        DnssecOk = dnssecOk;
        CheckingDisabled = checkingDisabled;
        Partition = partition;
    }

    /// <summary>QNAME in wire form, lower case.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>QTYPE.</summary>
    public RecordType Type { get; }

    /// <summary>QCLASS.</summary>
    public RecordClass Class { get; }

    /// <summary>DO.</summary>
    public bool DnssecOk { get; }

    /// <summary>CD.</summary>
    public bool CheckingDisabled { get; }

    /// <summary>The upstream group's partition.</summary>
    public uint Partition { get; }

    /// <summary>The seeded hash over all of it.</summary>
    public ulong Hash { get; internal init; }

    /// <summary>The hash of a key by that of its name.</summary>
    internal static ulong HashOf(ulong nameHash, RecordType type, RecordClass @class, bool dnssecOk, bool checkingDisabled, uint partition) => WireName.Mix(
        nameHash,
        ((ulong)partition << 34) ^ ((ulong)type << 18) | ((ulong)@class << 2) | (dnssecOk ? 2UL : 0) | (checkingDisabled ? 1UL : 0));
}
