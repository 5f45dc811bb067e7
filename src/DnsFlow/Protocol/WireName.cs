using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

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
    public static int Expand(ReadOnlySpan<byte> message, int offset, Span<byte> destination, out int next) => Expand(message, offset, destination, out next, out _);

    /// <summary>The same, and what it cost: a step for each label and each pointer.</summary>
    public static int Expand(ReadOnlySpan<byte> message, int offset, Span<byte> destination, out int next, out int steps)
    {
        next = -1;
        steps = 0;
        var written = 0;
        var position = offset;
        var limit = offset;
        var pointers = 0;
        while ((uint)position < (uint)message.Length)
        {
            steps++;
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
        var length = name.Length;
        if (length < sizeof(ulong))
        {
            for (var i = 0; i < length; i++)
            {
                destination[i] = ToLower(name[i]);
            }

            return;
        }

        // Whole steps, then one more that ends with the name: it folds some octets twice, which changes nothing.
        destination = destination[..length];
        if (!Vector128.IsHardwareAccelerated || length < Vector128<byte>.Count)
        {
            for (var i = 0; i <= length - sizeof(ulong); i += sizeof(ulong))
            {
                LowerWord(name[i..], destination[i..]);
            }

            LowerWord(name[^sizeof(ulong)..], destination[^sizeof(ulong)..]);
            return;
        }

        for (var i = 0; i <= length - Vector128<byte>.Count; i += Vector128<byte>.Count)
        {
            LowerVector(name[i..], destination[i..]);
        }

        LowerVector(name[^Vector128<byte>.Count..], destination[^Vector128<byte>.Count..]);
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

        if (left.SequenceEqual(right))
        {
            return true;        // nearly always
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

        var (low, high) = Tail(lowered);
        return Fold(low ^ First ^ state, high ^ Second ^ seed);
    }

    /// <summary>Mixes one more word into a hash.</summary>
    public static ulong Mix(ulong hash, ulong word) => Fold(hash ^ 0xA0761D6478BD642F, word ^ 0xE7037ED1A0B428DB);

    /// <summary>Up to 15 octets as two words. They may overlap: the length, which is in the hash, tells which octets lie where.</summary>
    private static (ulong Low, ulong High) Tail(ReadOnlySpan<byte> octets) => octets.Length switch
    {
        >= 8 => (MemoryMarshal.Read<ulong>(octets), MemoryMarshal.Read<ulong>(octets[^8..])),
        >= 4 => (MemoryMarshal.Read<uint>(octets), MemoryMarshal.Read<uint>(octets[^4..])),
        > 0 => (octets[0] | ((ulong)octets[octets.Length / 2] << 8) | ((ulong)octets[^1] << 16), 0),
        _ => (0, 0),
    };

    private static void LowerVector(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        var octets = Vector128.Create(source);
        var upper = Vector128.LessThan(octets - Vector128.Create((byte)'A'), Vector128.Create((byte)26));
        (octets | (upper & Vector128.Create((byte)0x20))).CopyTo(destination);
    }

    /// <summary>Eight octets at once: the top bit of each lane says "from 'A' on, up to 'Z', and ASCII", and becomes the letter-case bit.</summary>
    private static void LowerWord(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        const ulong Lanes = 0x0101_0101_0101_0101;
        var word = MemoryMarshal.Read<ulong>(source);
        var seven = word & (0x7F * Lanes);
        var fromA = seven + ((0x80 - 'A') * Lanes);
        var beyondZ = seven + ((0x80 - 'Z' - 1) * Lanes);
        var upper = fromA & ~beyondZ & ~word & (0x80 * Lanes);
        MemoryMarshal.Write(destination, word | (upper >> 2));
    }

    /// <summary>
    /// Two half-width products, crossed. The full 128-bit product mixes as well, but code compiled ahead of time for every x64 processor
    /// makes four multiplications and a call of it.
    /// </summary>
    private static ulong Fold(ulong left, ulong right)
    {
        var first = (left & uint.MaxValue) * (right >> 32);
        var second = (left >> 32) * (right & uint.MaxValue);
        return first ^ BitOperations.RotateRight(second, 32);
    }
}
