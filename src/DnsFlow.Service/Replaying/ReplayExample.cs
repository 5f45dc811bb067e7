namespace DnsFlow.Service.Replaying;

/// <summary>One query of a group, to look at with <c>dnsflow explain</c>.</summary>
/// <param name="Name">QNAME.</param>
/// <param name="Type">QTYPE.</param>
/// <param name="Client">The client's address.</param>
/// <param name="At">When; null when the capture does not say.</param>
internal sealed record ReplayExample(string Name, string Type, string Client, DateTimeOffset? At)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Type} from {Client}";
}
