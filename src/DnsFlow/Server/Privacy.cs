using DnsFlow.Flows;

namespace DnsFlow.Server;

/// <summary>What may be said of clients at a level of privacy.</summary>
internal static class Privacy
{
    private const int IPv4Bits = 96 + 24, IPv6Bits = 56;

    /// <summary>The address of a client as far as it may be said; null = not at all.</summary>
    public static FlowEndpoint? Client(this PrivacyLevel level, FlowEndpoint client) => level switch
    {
        PrivacyLevel.Full => client,
        PrivacyLevel.Anonymous => Shorten(client),
        _ => null,
    };

    private static FlowEndpoint Shorten(FlowEndpoint client)
    {
        var (high, low) = NetworkSet.Mask(client.IsIPv4 ? IPv4Bits : IPv6Bits);
        return new FlowEndpoint(client.High & high, client.Low & low, 0, 0);
    }
}
