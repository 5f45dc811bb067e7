namespace DnsFlow.Policy;

/// <summary>Where an action makes sense.</summary>
[Flags]
public enum RuleStages
{
    /// <summary>Nowhere.</summary>
    None = 0,

    /// <summary>In query rules, before anything is asked.</summary>
    Query = 1,

    /// <summary>In answer rules, when the response of an upstream is there.</summary>
    Answer = 2,
}
