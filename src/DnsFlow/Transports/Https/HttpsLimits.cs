namespace DnsFlow.Transports.Https;

/// <summary>The bounds of an HTTPS listener that are configured.</summary>
/// <param name="Streams">Requests of one connection at once.</param>
/// <param name="Idle">A connection without a request ends after this.</param>
internal sealed record HttpsLimits(int Streams, TimeSpan Idle)
{
    /// <summary>The longest query in a request, in octets.</summary>
    public const int MaxBody = 4_096;

    /// <summary>The longest URI.</summary>
    public const int MaxUri = 8 << 10;
}
