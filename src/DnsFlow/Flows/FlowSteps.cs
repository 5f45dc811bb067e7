namespace DnsFlow.Flows;

/// <summary>The steps of closing a flow; each is taken once.</summary>
[Flags]
internal enum FlowSteps : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Pending reads are ended.</summary>
    EndReads = 1,

    /// <summary>The client is told that no more comes.</summary>
    EndWrites = 2,

    /// <summary>What the flow holds is being given back.</summary>
    Release = 4,

    /// <summary>It was given back.</summary>
    Released = 8,

    /// <summary>The end was announced.</summary>
    End = 16,
}
