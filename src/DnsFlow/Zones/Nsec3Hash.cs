using System.Security.Cryptography;

namespace DnsFlow.Zones;

/// <summary>The hashes of names in NSEC3 records (RFC 5155 section 5), and their text. Allocates nothing.</summary>
internal static class Nsec3Hash
{
    /// <summary>Octets of a hash by SHA-1, the one algorithm there is.</summary>
    public const int Sha1Length = 20;

    /// <summary>The longest hash that fits a label of base32hex.</summary>
    public const int MaxLength = 39;

    /// <summary>Hashes a name in wire form and lower case: once, and <paramref name="iterations"/> times more, with the salt behind each time.</summary>
#pragma warning disable CA5350 // SHA-1 is the one hash that NSEC3 has; it hides names, and nothing is signed by it.
    public static void Compute(ReadOnlySpan<byte> name, ReadOnlySpan<byte> salt, int iterations, Span<byte> hash)
    {
        Span<byte> input = stackalloc byte[byte.MaxValue * 2];
        name.CopyTo(input);
        salt.CopyTo(input[name.Length..]);
        SHA1.HashData(input[..(name.Length + salt.Length)], hash);
        salt.CopyTo(input[Sha1Length..]);
        for (; iterations > 0; iterations--)
        {
            hash[..Sha1Length].CopyTo(input);
            SHA1.HashData(input[..(Sha1Length + salt.Length)], hash);
        }
    }
#pragma warning restore CA5350

    /// <summary>The next hashed owner of NSEC3 RDATA; empty when it is cut.</summary>
    public static ReadOnlySpan<byte> NextOf(ReadOnlySpan<byte> data)
    {
        var start = 5 + (data.Length > 4 ? data[4] : 0);
        return data.Length > start && data.Length > start + data[start] ? data.Slice(start + 1, data[start]) : default;
    }

    /// <summary>Reads base32hex without padding (RFC 4648 section 7); returns the octets written, -1 when it is none.</summary>
    public static int Decode(ReadOnlySpan<byte> text, Span<byte> hash)
    {
        if (text.Length * 5 / 8 > hash.Length || text.Length * 5 % 8 >= 5)
        {
            return -1;
        }

        int bits = 0, count = 0, written = 0;
        foreach (var c in text)
        {
            var digit = c switch { >= (byte)'0' and <= (byte)'9' => c - '0', >= (byte)'a' and <= (byte)'v' => c - 'a' + 10, >= (byte)'A' and <= (byte)'V' => c - 'A' + 10, _ => -1 };
            if (digit < 0)
            {
                return -1;
            }

            bits = (bits << 5) | digit;
            count += 5;
            if (count >= 8)
            {
                count -= 8;
                hash[written++] = (byte)(bits >> count);
                bits &= (1 << count) - 1;
            }
        }

        return bits == 0 ? written : -1;
    }
}
