namespace DnsFlow.Upstreams;

/// <summary>Who finds out that a server is back, or down.</summary>
public enum ProbeMode
{
    /// <summary>One client's query from time to time.</summary>
    Off,

    /// <summary>A question of our own to a server that is down, while the group is in use.</summary>
    Lazy,

    /// <summary>The same, and a question of our own to every server that was not asked for a while, in use or not.</summary>
    Always,
}
