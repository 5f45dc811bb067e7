namespace DnsFlow.Flows;

/// <summary>A provider's verdict on a new, unopened flow.</summary>
public enum FlowVerdict : byte
{
    /// <summary>The provider takes the flow; its queries are decided one by one.</summary>
    Claim,

    /// <summary>The flow is relayed untouched to the resolvers the system would use.</summary>
    Pass,

    /// <summary>The flow stays closed: silence on UDP, a reset on TCP.</summary>
    Discard,
}
