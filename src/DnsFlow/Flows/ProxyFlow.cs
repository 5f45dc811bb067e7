namespace DnsFlow.Flows;

/// <summary>One conversation of one client socket. Thread safe.</summary>
public abstract class ProxyFlow
{
}
