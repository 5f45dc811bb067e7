namespace DnsFlow.Protocol;

/// <summary>What a message says in its OPT record (RFC 6891), the upper bits of the RCODE apart: they are in <see cref="DnsMessage.ResponseCode"/>.</summary>
public sealed class Edns
{
    private const ushort DnssecOkBit = 0x8000;

    /// <summary>The sender's UDP payload size in octets as on the wire; values under 512 count as 512.</summary>
    public ushort UdpPayloadSize { get; init; } = DnsResponses.AdvertisedUdpSize;

    /// <summary>The version; 0 is the only one there is.</summary>
    public byte Version { get; init; }

    /// <summary>The 16 flag bits: DO and those without a meaning.</summary>
    public ushort Flags { get; init; }

    /// <summary>DO: DNSSEC records are wanted (RFC 3225).</summary>
    public bool DnssecOk
    {
        get => (Flags & DnssecOkBit) != 0;
        init => Flags = (ushort)(value ? Flags | DnssecOkBit : Flags & ~DnssecOkBit);
    }

    /// <summary>The options in order.</summary>
    public IReadOnlyList<EdnsOption> Options { get; init; } = [];

    /// <summary>The first option with a code, or null.</summary>
    public EdnsOption? Find(EdnsOptionCode code) => Options.FirstOrDefault(option => option.Code == code);
}
