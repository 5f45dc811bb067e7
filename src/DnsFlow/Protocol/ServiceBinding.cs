using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;

namespace DnsFlow.Protocol;

/// <summary>The fields of an SVCB or HTTPS record (RFC 9460).</summary>
/// <param name="Priority">0 in alias mode; else lower is tried first.</param>
/// <param name="Target">The endpoint or alias; the root stands for the owner name in service mode.</param>
/// <param name="Parameters">The parameters' values in wire form by key (<see cref="SvcParamKeys"/>), in order of the keys.</param>
public sealed record ServiceBinding(ushort Priority, DomainName Target, IReadOnlyDictionary<ushort, ReadOnlyMemory<byte>> Parameters)
{
    /// <summary>Whether the record is an alias (AliasMode).</summary>
    public bool IsAlias => Priority == 0;

    /// <summary>The port, or null when the scheme's own holds.</summary>
    public ushort? Port => Parameters.TryGetValue(SvcParamKeys.Port, out var value) ? BinaryPrimitives.ReadUInt16BigEndian(value.Span) : null;

    /// <summary>The protocols of <c>alpn</c>; octets outside ASCII as Latin-1.</summary>
    public IReadOnlyList<string> Protocols
    {
        get
        {
            var protocols = new List<string>();
            for (var rest = Parameters.GetValueOrDefault(SvcParamKeys.Alpn).Span; !rest.IsEmpty; rest = rest[(rest[0] + 1)..])
            {
                protocols.Add(Encoding.Latin1.GetString(rest.Slice(1, rest[0])));
            }

            return protocols;
        }
    }

    /// <summary>The addresses of <c>ipv4hint</c> and <c>ipv6hint</c>.</summary>
    public IReadOnlyList<IPAddress> AddressHints => [.. Hints(SvcParamKeys.IPv4Hint, 4), .. Hints(SvcParamKeys.IPv6Hint, 16)];

    /// <summary>Reads an SVCB or HTTPS record; false for any other.</summary>
    public static bool TryRead(ResourceRecord record, [NotNullWhen(true)] out ServiceBinding? binding)
    {
        ArgumentNullException.ThrowIfNull(record);
        binding = null;
        if (record.Type is not (RecordType.SVCB or RecordType.HTTPS) || !record.TryOpen(record.Type, out var reader)
            || !reader.TryTakeUInt16(out var priority) || !reader.TryTakeName(out var target))
        {
            return false;
        }

        var parameters = new SortedDictionary<ushort, ReadOnlyMemory<byte>>();
        for (var rest = record.Rdata[reader.Position..]; !rest.IsEmpty;)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(rest.Span[2..]);
            parameters.Add(BinaryPrimitives.ReadUInt16BigEndian(rest.Span), rest.Slice(4, length));
            rest = rest[(4 + length)..];
        }

        binding = new(priority, target, parameters);
        return true;
    }

    private IEnumerable<IPAddress> Hints(ushort key, int size)
    {
        var value = Parameters.GetValueOrDefault(key);
        for (var i = 0; i + size <= value.Length; i += size)
        {
            yield return new IPAddress(value.Span.Slice(i, size));
        }
    }
}
