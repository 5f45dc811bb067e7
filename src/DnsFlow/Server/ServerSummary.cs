using System.Net;

namespace DnsFlow.Server;

/// <summary>Where a server listens, whom it asks and what it serves, for people.</summary>
public sealed record ServerSummary
{
    /// <summary>The bound addresses, one row for each, real ports filled in.</summary>
    public IReadOnlyList<ListenerSummary> Listeners { get; init; } = [];

    /// <summary>The certificates of encrypted listeners.</summary>
    public IReadOnlyList<CertificateSummary> Certificates { get; init; } = [];

    /// <summary>The upstream groups in use.</summary>
    public IReadOnlyList<UpstreamSummary> Upstreams { get; init; } = [];

    /// <summary>The zones served from here.</summary>
    public IReadOnlyList<ZoneSummary> Zones { get; init; } = [];

    /// <summary>What a person should know though it does not stop the server, one sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>One bound address.</summary>
/// <param name="Name">The listener's name in the configuration.</param>
/// <param name="Endpoint">The address and port.</param>
/// <param name="Transports">What is spoken there: <c>udp</c>, <c>tcp</c>, <c>tls</c>, <c>https</c>.</param>
public sealed record ListenerSummary(string Name, IPEndPoint Endpoint, IReadOnlyList<string> Transports);

/// <summary>The certificate that a listener shows unless a client asks for another name.</summary>
/// <param name="Listener">The listener's name.</param>
/// <param name="File">Where it lies.</param>
/// <param name="Pin">The pin of its public key: SHA-256 over the SubjectPublicKeyInfo, in base64.</param>
/// <param name="Until">When it expires.</param>
/// <param name="IsSelfSigned">Whether clients have to be told to trust it.</param>
public sealed record CertificateSummary(string Listener, string File, string Pin, DateTime Until, bool IsSelfSigned);

/// <summary>One upstream group.</summary>
/// <param name="Group">Its name.</param>
/// <param name="Servers">Its servers; what <c>system:</c> stands for is spelled out.</param>
public sealed record UpstreamSummary(string Group, IReadOnlyList<string> Servers);

/// <summary>One zone.</summary>
/// <param name="Origin">Its name.</param>
/// <param name="Names">How many names it has.</param>
/// <param name="Example">A name in it that has an address, to try; null when there is none.</param>
public sealed record ZoneSummary(string Origin, int Names, string? Example = null);
