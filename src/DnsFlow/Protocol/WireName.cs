using System.Numerics;
using System.Runtime.InteropServices;

namespace DnsFlow.Protocol;

/// <summary>Operations on names in wire form, without allocating (RFC 1035 section 3.1, RFC 4343 for letter case).</summary>
public static class WireName
{
    /// <summary>The longest name in octets, root octet included (RFC 1035 section 2.3.4).</summary>
    public const int MaxLength = 255;

    /// <summary>The longest label in octets.</summary>
    public const int MaxLabelLength = 63;

    /// <summary>How many compression pointers one name may follow.</summary>
    public const int MaxPointers = 64;

    /// <summary>
    /// Finds the end of an uncompressed name that begins at <paramref name="offset"/>.
    /// Returns its length with the root octet, or -1 when a label is compressed, of another kind than RFC 1035's, cut, or
    /// the name is longer than 255 octets.
    /// </summary>
    public static int Measure(ReadOnlySpan<byte> message, int offset)
    {
        var position = offset;
        while ((uint)position < (uint)message.Length)
        {
            int label = message[position];
            if (label == 0)
            {
                var length = position + 1 - offset;
                return length <= MaxLength ? length : -1;
            }

            if (label > MaxLabelLength)
            {
                return -1;
            }

            position += label + 1;
            if (position - offset >= MaxLength)
            {
                return -1;
            }
        }

        return -1;
    }

    /// <summary>
    /// Steps over a possibly compressed name at <paramref name="offset"/> without following its pointer.
    /// Returns the offset behind it, or -1 when it is malformed or cut.
    /// </summary>
    public static int Skip(ReadOnlySpan<byte> message, int offset)
    {
        var position = offset;
        while ((uint)position < (uint)message.Length)
        {
            int label = message[position];
            if (label == 0)
            {
                return position + 1;
            }

            if (label >= 0xC0)
            {
                return position + 2 <= message.Length ? position + 2 : -1;
            }

            if (label > MaxLabelLength || position - offset >= MaxLength)
            {
                return -1;
            }

            position += label + 1;
        }

        return -1;
    }

    /// <summary>
    /// Copies a possibly compressed name at <paramref name="offset"/> into <paramref name="destination"/> (255 octets suffice),
    /// uncompressed and in its own letter case. Pointers must lead backwards, but not into the header, and may be followed 64 times (RFC 9267).
    /// Returns the name's length, or -1; <paramref name="next"/> is the offset behind the name in the message.
    /// </summary>
    public static int Expand(ReadOnlySpan<byte> message, int offset, Span<byte> destination, out int next)
    {
        next = -1;
        var written = 0;
        var position = offset;
        var limit = offset;
        var pointers = 0;
        while ((uint)position < (uint)message.Length)
        {
            int label = message[position];
            if (label >= 0xC0)
            {
                if (position + 1 >= message.Length || ++pointers > MaxPointers)
                {
                    return -1;
                }

                var target = ((label & 0x3F) << 8) | message[position + 1];
                if (next < 0)
                {
                    next = position + 2;
                }

                // Strictly backwards from where this run of labels began: no loop can come of it.
                if (target >= limit || target < DnsHeader.Size)
                {
                    return -1;
                }

                // An earlier name also ends before this one begins: what runs on through other fields was never a name.
                message = message[..limit];
                limit = target;
                position = target;
                continue;
            }

            if (label > MaxLabelLength || position + 1 + label > message.Length
                || written + 1 + label > Math.Min(destination.Length, MaxLength))
            {
                return -1;
            }

            message.Slice(position, label + 1).CopyTo(destination[written..]);
            written += label + 1;
            position += label + 1;
            if (label == 0)
            {
                if (next < 0)
                {
                    next = position;
                }

                return written;
            }
        }

        return -1;
    }

    /// <summary>
    /// Copies <paramref name="name"/> with ASCII letters in lower case. Length octets are at most 63, below 'A', so the
    /// whole wire form is folded without a walk over the labels.
    /// </summary>
    public static void ToLower(ReadOnlySpan<byte> name, Span<byte> destination)
    {
        var vectors = 0;
        if (Vector.IsHardwareAccelerated && name.Length >= Vector<byte>.Count)
        {
            var a = new Vector<byte>((byte)'A');
            var range = new Vector<byte>(26);
            var bit = new Vector<byte>(0x20);
            for (; vectors + Vector<byte>.Count <= name.Length; vectors += Vector<byte>.Count)
            {
                var octets = new Vector<byte>(name[vectors..]);
                var upper = Vector.LessThan(octets - a, range);
                (octets | (upper & bit)).CopyTo(destination[vectors..]);
            }
        }

        for (var i = vectors; i < name.Length; i++)
        {
            destination[i] = ToLower(name[i]);
        }
    }

    /// <summary>One octet in lower case (ASCII only, RFC 4343).</summary>
    public static byte ToLower(byte octet) => (uint)(octet - 'A') < 26 ? (byte)(octet | 0x20) : octet;

    /// <summary>Whether two uncompressed names are the same but for letter case.</summary>
    public static bool EqualsIgnoreCase(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.Length != right.Length)
        {
            return false;
        }

        for (var i = 0; i < left.Length; i++)
        {
            if (left[i] != right[i] && ToLower(left[i]) != ToLower(right[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether <paramref name="name"/> equals <paramref name="ancestor"/> or lies below it; letter case is ignored.</summary>
    public static bool IsAtOrBelow(ReadOnlySpan<byte> name, ReadOnlySpan<byte> ancestor)
    {
        while (name.Length > ancestor.Length)
        {
            name = name[(name[0] + 1)..];
        }

        return EqualsIgnoreCase(name, ancestor);
    }

    /// <summary>The number of labels, the root not counted, of an uncompressed and well-formed name.</summary>
    public static int CountLabels(ReadOnlySpan<byte> name)
    {
        var count = 0;
        for (var position = 0; name[position] != 0; position += name[position] + 1)
        {
            count++;
        }

        return count;
    }

    /// <summary>
    /// A seeded 64-bit hash (multiply and fold over 16-octet steps) of octets that are already in lower case. The seed keeps an
    /// attacker from choosing names that collide; equality is always checked on the octets.
    /// </summary>
    public static ulong Hash(ReadOnlySpan<byte> lowered, ulong seed)
    {
        const ulong First = 0x9E3779B97F4A7C15, Second = 0xD6E8FEB86659FD93;
        var state = seed ^ ((ulong)lowered.Length * First);
        while (lowered.Length >= 16)
        {
            state = Fold(MemoryMarshal.Read<ulong>(lowered) ^ First ^ state, MemoryMarshal.Read<ulong>(lowered[8..]) ^ Second ^ seed);
            lowered = lowered[16..];
        }

        Span<byte> tail = stackalloc byte[16];
        tail.Clear();
        lowered.CopyTo(tail);
        return Fold(MemoryMarshal.Read<ulong>(tail) ^ First ^ state, MemoryMarshal.Read<ulong>(tail[8..]) ^ Second ^ seed);
    }

    /// <summary>Mixes one more word into a hash.</summary>
    public static ulong Mix(ulong hash, ulong word) => Fold(hash ^ 0xA0761D6478BD642F, word ^ 0xE7037ED1A0B428DB);

    private static ulong Fold(ulong left, ulong right)
    {
        var high = Math.BigMul(left, right, out ulong low);
        return high ^ low;
    }
}
