namespace DnsFlow.Service.Endpoints;

/// <summary>What <c>/ready</c> says when nothing is missing.</summary>
/// <param name="Status">Always <c>ready</c>.</param>
internal sealed record ReadyDocument(string Status);
