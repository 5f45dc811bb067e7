namespace DnsFlow.Upstreams.Attempts;

/// <summary>A server could not be reached or is not believed. The message is the reason, for people.</summary>
internal sealed class UpstreamDialException : IOException
{
    /// <summary>Makes the exception.</summary>
    public UpstreamDialException(UpstreamError error, string message, Exception? inner = null)
        : base(message, inner) => Error = error;

    /// <summary>What it says of the server.</summary>
    public UpstreamError Error { get; }
}
