namespace DnsFlow.Server;

/// <summary>How much statistics, logs and lists of flows say of who asks for what.</summary>
public enum PrivacyLevel
{
    /// <summary>Clients by their networks alone: the first 24 bits of an IPv4 address, 56 of an IPv6 address.</summary>
    Anonymous,

    /// <summary>Everything.</summary>
    Full,

    /// <summary>Numbers alone: no names, no clients.</summary>
    Counts,
}
