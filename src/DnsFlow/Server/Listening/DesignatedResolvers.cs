using System.Buffers.Binary;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using DnsFlow.Protocol;
using DnsFlow.Transports.Tls;

namespace DnsFlow.Server.Listening;

/// <summary>
/// Our encrypted addresses as clients find them that ask an unencrypted one (RFC 9462): the data of an SVCB record (RFC 9460, 9461) for each. The target is the first
/// name of the certificate that can be a target.
/// </summary>
internal sealed class DesignatedResolvers
{
    private const ushort Alpn = 1, Port = 3, IPv4Hint = 4, IPv6Hint = 6, DohPath = 7;

    private readonly (BoundListener Bound, CertificateStore Certificates)[] _listeners;
    private volatile Known _known;

    /// <summary>Those of some listeners. Addresses of loopback are for this machine, so they are named only when nobody else can ask.</summary>
    public DesignatedResolvers(ListenerSet listeners)
    {
        var isLocal = listeners.Bound.All(static bound => bound.Address.IsLoopback);
        _listeners =
        [
            .. listeners.Bound
                .Where(bound => bound.Wanted.Encryption.Length > 0 && (isLocal || !bound.Address.IsLoopback) && listeners.Encryption.ContainsKey(bound.Wanted.Name))
                .Select(bound => (bound, listeners.Encryption[bound.Wanted.Name].Certificates)),
        ];
        _known = Find();
    }

    /// <summary>
    /// One for each encrypted address, in the order of preference; none for a certificate that names nothing. The same list until a certificate is another one. Any thread.
    /// </summary>
    public IReadOnlyList<byte[]> Current()
    {
        var known = _known;
        for (var i = 0; i < _listeners.Length; i++)
        {
            if (known.Certificates[i] != _listeners[i].Certificates.Default)
            {
                return (_known = Find()).Data;
            }
        }

        return known.Data;
    }

    private Known Find()
    {
        var certificates = Array.ConvertAll(_listeners, static listener => listener.Certificates.Default);
        var data = new List<byte[]>();
        for (var i = 0; i < _listeners.Length; i++)
        {
            if (Target(certificates[i].Leaf) is { } target)
            {
                data.Add(Data((ushort)(data.Count + 1), target, _listeners[i].Bound));
            }
        }

        return new Known(certificates, data);
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

    private sealed record Known(ServerCertificate[] Certificates, IReadOnlyList<byte[]> Data);
}
