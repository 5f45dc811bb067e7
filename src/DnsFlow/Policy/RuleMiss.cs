namespace DnsFlow.Policy;

/// <summary>Why a rule did not match: the first of its conditions that was not met.</summary>
public enum RuleMiss
{
    /// <summary>It matched.</summary>
    None,

    /// <summary>The flow came to another listener.</summary>
    Listener,

    /// <summary>The flow is carried by another transport.</summary>
    Transport,

    /// <summary>No pattern covers the name.</summary>
    Domains,

    /// <summary>An excluded pattern covers the name.</summary>
    NotDomains,

    /// <summary>The type is another.</summary>
    Types,

    /// <summary>The client's address is in none of the networks.</summary>
    From,

    /// <summary>The client's address is in an excluded network.</summary>
    NotFrom,

    /// <summary>The client is none of those meant.</summary>
    Clients,

    /// <summary>The client is one of those excluded.</summary>
    NotClients,
}
