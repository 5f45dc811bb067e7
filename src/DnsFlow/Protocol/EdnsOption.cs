using System.Buffers.Binary;

namespace DnsFlow.Protocol;

/// <summary>
/// One EDNS option as it is on the wire (RFC 6891 section 6.1.2). What the known ones mean is read by <see cref="ClientSubnet"/>,
/// <see cref="DnsCookie"/>, <see cref="ExtendedError"/> and <see cref="TryGetKeepalive"/>; the name server identifier is its data.
/// </summary>
public sealed class EdnsOption : IEquatable<EdnsOption>
{
    /// <summary>Makes an option; its data is at most 65535 octets, is not copied and must not change any more.</summary>
    public EdnsOption(EdnsOptionCode code, ReadOnlyMemory<byte> data)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(data.Length, ushort.MaxValue);
        Code = code;
        Data = data;
    }

    /// <summary>OPTION-CODE.</summary>
    public EdnsOptionCode Code { get; }

    /// <summary>OPTION-DATA.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>A padding of <paramref name="length"/> octets of zero (RFC 7830).</summary>
    public static EdnsOption Padding(int length) => new(EdnsOptionCode.Padding, new byte[length]);

    /// <summary>Asks a server for its identifier (RFC 5001).</summary>
    public static EdnsOption AskNameServerIdentifier() => new(EdnsOptionCode.NameServerIdentifier, default);

    /// <summary>How long an idle TCP connection is kept, in steps of 100 ms up to 6553.5 s; null asks for it (RFC 7828).</summary>
    public static EdnsOption Keepalive(TimeSpan? idle)
    {
        if (idle is not { } time)
        {
            return new(EdnsOptionCode.TcpKeepalive, default);
        }

        var steps = (ushort)Math.Clamp(time.TotalMilliseconds / 100, 0, ushort.MaxValue);
        return new(EdnsOptionCode.TcpKeepalive, new[] { (byte)(steps >> 8), (byte)steps });
    }

    /// <summary>The time of an edns-tcp-keepalive option; false for any other option and for one without a time.</summary>
    public bool TryGetKeepalive(out TimeSpan idle)
    {
        var has = Code == EdnsOptionCode.TcpKeepalive && Data.Length == 2;
        idle = has ? TimeSpan.FromMilliseconds(100 * BinaryPrimitives.ReadUInt16BigEndian(Data.Span)) : default;
        return has;
    }

    /// <inheritdoc/>
    public bool Equals(EdnsOption? other) => other is not null && Code == other.Code && Data.Span.SequenceEqual(other.Data.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as EdnsOption);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(Code);
        hash.AddBytes(Data.Span);
        return hash.ToHashCode();
    }

    /// <summary>A line for people, as <c>dnsflow query</c> prints it.</summary>
    public override string ToString() => EdnsOptionText.Print(this);
}
