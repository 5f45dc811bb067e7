namespace DnsFlow.Service.Endpoints;

/// <summary>A part of the HTTP interface. All that are registered are served.</summary>
internal interface IHttpResource
{
    /// <summary>What it can be asked for.</summary>
    IEnumerable<HttpRoute> Routes { get; }
}
