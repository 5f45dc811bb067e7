using System.Security.Cryptography;
using DnsFlow.Protocol;

namespace DnsFlow.Names;

/// <summary>The suffixes of a name (itself, its parent, ... the root) and how they are hashed for a <see cref="NameTagTable"/>.</summary>
internal static class NameSuffixes
{
    /// <summary>The most suffixes of a name: 127 labels and the root.</summary>
    public const int Max = 128;

    // Of chance, so that nobody can write a list, or ask for names, that collide.
    private static readonly ulong s_seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));

    /// <summary>The hash of a suffix, which is in wire form and lower case. Its lowest octet is free for the suffix's offset.</summary>
    public static ulong Hash(ReadOnlySpan<byte> suffix) => WireName.Hash(suffix, s_seed) & ~0xFFUL;

    /// <summary>The bit of a number of labels, among those that some table has.</summary>
    public static ulong DepthBit(int labels) => 1UL << Math.Min(labels, 63);
}
