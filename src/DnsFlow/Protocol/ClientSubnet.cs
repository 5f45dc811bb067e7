using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace DnsFlow.Protocol;

/// <summary>The network that a query comes from, or that an answer is good for (EDNS Client Subnet, RFC 7871 section 6).</summary>
/// <param name="Address">The address; its bits behind <paramref name="SourcePrefix"/> are zero.</param>
/// <param name="SourcePrefix">How many leading bits of the client's address are told: 0 to 32 or 128.</param>
/// <param name="ScopePrefix">How many leading bits the answer depends on; 0 in queries.</param>
public sealed record ClientSubnet(IPAddress Address, byte SourcePrefix, byte ScopePrefix)
{
    /// <summary>Reads an option; false for any other, for families besides IPv4 and IPv6, wrong lengths and bits set behind the prefix.</summary>
    public static bool TryRead(EdnsOption option, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ClientSubnet? subnet)
    {
        ArgumentNullException.ThrowIfNull(option);
        subnet = null;
        var data = option.Data.Span;
        if (option.Code != EdnsOptionCode.ClientSubnet || data.Length < 4)
        {
            return false;
        }

        var size = BinaryPrimitives.ReadUInt16BigEndian(data) switch { 1 => 4, 2 => 16, _ => 0 };
        var (source, scope) = (data[2], data[3]);
        var address = data[4..];
        if (source > size * 8 || scope > size * 8 || address.Length != (source + 7) / 8 || size == 0
            || (source % 8 != 0 && (address[^1] & (0xFF >> (source % 8))) != 0))
        {
            return false;
        }

        Span<byte> octets = stackalloc byte[16];
        octets.Clear();
        address.CopyTo(octets);
        subnet = new(new IPAddress(octets[..size]), source, scope);
        return true;
    }

    /// <summary>The option; bits behind the prefix are cleared.</summary>
    public EdnsOption ToOption()
    {
        var octets = Address.GetAddressBytes();
        var source = Math.Min(SourcePrefix, (byte)(octets.Length * 8));
        var length = (source + 7) / 8;
        if (source % 8 != 0)
        {
            octets[length - 1] &= (byte)(0xFF << (8 - (source % 8)));
        }

        var family = (byte)(Address.AddressFamily == AddressFamily.InterNetwork ? 1 : 2);
        return new(EdnsOptionCode.ClientSubnet, (byte[])[0, family, source, ScopePrefix, .. octets.AsSpan(0, length)]);
    }

    /// <summary>Address, source prefix and scope prefix: <c>192.0.2.0/24/0</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Address}/{SourcePrefix}/{ScopePrefix}");
}
