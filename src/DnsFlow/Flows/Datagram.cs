namespace DnsFlow.Flows;

/// <summary>One datagram of a flow.</summary>
/// <param name="Payload">Its octets, at most 65,507.</param>
/// <param name="Remote">Of one that was read: where the client sent it. Of one to be written: where it comes from, which must be the flow's remote endpoint.</param>
public readonly record struct Datagram(ReadOnlyMemory<byte> Payload, FlowEndpoint Remote)
{
    /// <summary>The most octets UDP over IPv4 carries (RFC 768, RFC 791).</summary>
    public const int MaxLength = 65_507;
}
