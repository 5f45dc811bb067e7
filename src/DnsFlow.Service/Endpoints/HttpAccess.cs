namespace DnsFlow.Service.Endpoints;

/// <summary>Who may do what over HTTP.</summary>
/// <param name="Token">The token that allows everything; null = only the control socket does.</param>
internal sealed record HttpAccess(BearerToken? Token);
