namespace DnsFlow.Service.Control;

/// <summary>Where a person says the proxy is that is to be asked.</summary>
/// <param name="Socket">The path of its control socket; null = not said.</param>
/// <param name="Url">Its address over HTTP instead.</param>
/// <param name="TokenFile">The file with the token for that.</param>
internal sealed record ControlTarget(string? Socket, string? Url, string? TokenFile)
{
    /// <summary>Reads <c>--socket</c>, which takes a path, <c>unix:PATH</c> or an HTTP address.</summary>
    public static ControlTarget Of(string? place, string? tokenFile)
        => place is not null && place.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? new(null, place, tokenFile)
            : new(place is not null && place.StartsWith("unix:", StringComparison.Ordinal) ? place["unix:".Length..] : place, null, tokenFile);
}
