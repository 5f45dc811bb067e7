using System.Buffers.Binary;
using System.Numerics;

namespace DnsFlow.Protocol;

/// <summary>SipHash-2-4 with 64 bits: a keyed hash of short messages that cannot be forged without the key (Aumasson and Bernstein, 2012).</summary>
public static class SipHash
{
    /// <summary>The length of a key in octets.</summary>
    public const int KeySize = 16;

    /// <summary>The hash of <paramref name="data"/> under a key of 16 octets. As octets it is written little endian.</summary>
    public static ulong Hash(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeySize);
        var k0 = BinaryPrimitives.ReadUInt64LittleEndian(key);
        var k1 = BinaryPrimitives.ReadUInt64LittleEndian(key[8..]);
        var state = (A: k0 ^ 0x736F6D6570736575, B: k1 ^ 0x646F72616E646F6D, C: k0 ^ 0x6C7967656E657261, D: k1 ^ 0x7465646279746573);
        var last = (ulong)data.Length << 56;
        for (; data.Length >= 8; data = data[8..])
        {
            Absorb(ref state, BinaryPrimitives.ReadUInt64LittleEndian(data));
        }

        for (var i = 0; i < data.Length; i++)
        {
            last |= (ulong)data[i] << (8 * i);
        }

        Absorb(ref state, last);
        state.C ^= 0xFF;
        Round(ref state);
        Round(ref state);
        Round(ref state);
        Round(ref state);
        return state.A ^ state.B ^ state.C ^ state.D;
    }

    private static void Absorb(ref (ulong A, ulong B, ulong C, ulong D) state, ulong word)
    {
        state.D ^= word;
        Round(ref state);
        Round(ref state);
        state.A ^= word;
    }

    private static void Round(ref (ulong A, ulong B, ulong C, ulong D) state)
    {
        state.A += state.B;
        state.B = BitOperations.RotateLeft(state.B, 13) ^ state.A;
        state.A = BitOperations.RotateLeft(state.A, 32);
        state.C += state.D;
        state.D = BitOperations.RotateLeft(state.D, 16) ^ state.C;
        state.A += state.D;
        state.D = BitOperations.RotateLeft(state.D, 21) ^ state.A;
        state.C += state.B;
        state.B = BitOperations.RotateLeft(state.B, 17) ^ state.C;
        state.C = BitOperations.RotateLeft(state.C, 32);
    }
}
