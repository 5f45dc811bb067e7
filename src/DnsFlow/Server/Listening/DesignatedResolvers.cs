using System.Buffers.Binary;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using DnsFlow.Protocol;

namespace DnsFlow.Server.Listening;

/// <summary>
/// Our encrypted addresses as clients find them that ask an unencrypted one (RFC 9462): the data of an SVCB record (RFC 9460, 9461) for each. The target is the first
/// name of the certificate that can be a target.
/// </summary>
internal static class DesignatedResolvers
{
    private const ushort Alpn = 1, Port = 3, IPv4Hint = 4, IPv6Hint = 6, DohPath = 7;

    /// <summary>
    /// One for each encrypted address, in the order of preference. Without a certificate that names something there is none; addresses of loopback are for this machine,
    /// so they are named only when nobody else can ask.
    /// </summary>
    public static IReadOnlyList<byte[]> Of(ListenerSet listeners)
    {
        var isLocal = listeners.Bound.All(static bound => bound.Address.IsLoopback);
        var found = new List<byte[]>();
        foreach (var bound in listeners.Bound.Where(bound => bound.Wanted.Encryption.Length > 0 && (isLocal || !bound.Address.IsLoopback)))
        {
            if (listeners.Encryption.TryGetValue(bound.Wanted.Name, out var tls) && Target(tls.Certificates.Default.Leaf) is { } target)
            {
                found.Add(Data((ushort)(found.Count + 1), target, bound));
            }
        }

        return found;
    }

    private static byte[]? Target(X509Certificate2 certificate)
    {
        foreach (var name in certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(static names => names.EnumerateDnsNames()))
        {
            if (name.Contains('.', StringComparison.Ordinal) && !name.StartsWith('*') && DomainName.TryParse(name, out var parsed))
            {
                return parsed.Wire.ToArray();
            }
        }

        return null;
    }

    private static byte[] Data(ushort priority, byte[] target, BoundListener bound)
    {
        var isHttps = bound.Wanted.Encryption == "https";
        var data = new List<byte>();
        Add(data, priority);
        data.AddRange(target);
        Add(data, Alpn, isHttps ? [2, .. "h2"u8] : [3, .. "dot"u8]);
        Add(data, Port, [(byte)(bound.Address.Port >> 8), (byte)bound.Address.Port]);
        if (!bound.Address.IsAny)
        {
            Add(data, bound.Address.IsIPv4 ? IPv4Hint : IPv6Hint, bound.Address.ToAddress().GetAddressBytes());
        }

        if (isHttps)
        {
            Add(data, DohPath, Encoding.ASCII.GetBytes(bound.Wanted.Path + "{?dns}"));
        }

        return [.. data];
    }

    private static void Add(List<byte> data, ushort key, ReadOnlySpan<byte> value)
    {
        Add(data, key);
        Add(data, (ushort)value.Length);
        data.AddRange(value);
    }

    private static void Add(List<byte> data, ushort number)
    {
        Span<byte> octets = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(octets, number);
        data.AddRange(octets);
    }
}
