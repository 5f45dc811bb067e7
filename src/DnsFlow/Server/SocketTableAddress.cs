using System.Buffers.Binary;
using DnsFlow.Flows;

namespace DnsFlow.Server;

/// <summary>Addresses as the kernel's tables of sockets write them: words of 32 bits in the order of the machine, and the port, in hexadecimal (<c>0100007F:0035</c>).</summary>
internal static class SocketTableAddress
{
    private const int WordDigits = 8;

    /// <summary>Reads one; false when it is none.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, out FlowEndpoint endpoint)
    {
        endpoint = default;
        Span<byte> octets = stackalloc byte[16];
        var colon = text.IndexOf(':');
        if (colon is not (WordDigits or 4 * WordDigits) || !ushort.TryParse(text[(colon + 1)..], System.Globalization.NumberStyles.AllowHexSpecifier, null, out var port))
        {
            return false;
        }

        for (var i = 0; i < colon / WordDigits; i++)
        {
            if (!uint.TryParse(text.Slice(i * WordDigits, WordDigits), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var word))
            {
                return false;
            }

            BinaryPrimitives.WriteUInt32BigEndian(octets[(i * 4)..], BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(word) : word);
        }

        endpoint = colon == WordDigits ? FlowEndpoint.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(octets), port) : FlowEndpoint.FromIPv6(octets, 0, port);
        return true;
    }
}
