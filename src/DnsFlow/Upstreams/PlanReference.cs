namespace DnsFlow.Upstreams;

/// <summary>The one reference that a reload swaps. Readers take it once per batch or message.</summary>
internal sealed class PlanReference(ForwardingPlan plan)
{
    private volatile ForwardingPlan _current = plan;

    /// <summary>The plan in force.</summary>
    public ForwardingPlan Current
    {
        get => _current;
        set => _current = value;
    }
}
