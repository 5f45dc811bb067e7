namespace DnsFlow.Service.Replaying;

/// <summary>A decision in words.</summary>
/// <param name="Action">What is done: forward, block, zones, discard ...</param>
/// <param name="Detail">The upstream group, or the RCODE of the answer; null when there is neither.</param>
/// <param name="Rule">The rule that decided; null when none did.</param>
/// <param name="By">What kind of rule.</param>
internal sealed record ReplayDecision(string Action, string? Detail, string? Rule, string By)
{
    /// <inheritdoc/>
    public override string ToString() => Action + (Detail is null ? "" : " " + Detail) + (Rule is null ? "" : $" ({By} '{Rule}')");
}
