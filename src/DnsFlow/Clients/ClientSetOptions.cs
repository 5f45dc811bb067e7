namespace DnsFlow.Clients;

/// <summary>Clients that rules mean together (<c>DnsFlow:Clients:NAME</c>). One of the lists must have something.</summary>
public sealed class ClientSetOptions
{
    /// <summary>Their addresses, networks and ranges.</summary>
    public IReadOnlyList<AddressRange> Addresses { get; set; } = [];

    /// <summary>Their hardware addresses; they are known of clients on the same link only, on Linux.</summary>
    public IReadOnlyList<HardwareAddress> Macs { get; set; } = [];
}
