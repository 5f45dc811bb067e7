using System.Buffers.Binary;
using DnsFlow.Protocol;

namespace DnsFlow.Zones;

/// <summary>The SOA of zones that no file gives: special-use names and hosts files, with the values of RFC 6303 section 3.</summary>
internal static class SyntheticSoa
{
    /// <summary>The TTL of the zone's records in seconds.</summary>
    public const uint Ttl = 10_800;

    /// <summary>The RDATA: the server is <paramref name="server"/> (a name in wire form), MINIMUM is <paramref name="minimum"/> seconds.</summary>
    public static byte[] Data(ReadOnlySpan<byte> server, uint minimum)
    {
        var mailbox = DomainName.Parse("nobody.invalid.").Wire;
        byte[] data = [.. server, .. mailbox, .. new byte[20]];
        var numbers = data.AsSpan(data.Length - 20);
        foreach (var number in (ReadOnlySpan<uint>)[1, 3600, 1200, 604_800, minimum])
        {
            BinaryPrimitives.WriteUInt32BigEndian(numbers, number);
            numbers = numbers[4..];
        }

        return data;
    }
}
