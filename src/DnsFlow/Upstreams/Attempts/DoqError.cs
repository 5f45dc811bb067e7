using System.Globalization;

namespace DnsFlow.Upstreams.Attempts;

/// <summary>The error codes of DNS over QUIC (RFC 9250 section 4.3).</summary>
internal static class DoqError
{
    /// <summary>Nothing is wrong: the connection is not needed any more.</summary>
    public const long None = 0x0;

    /// <summary>Something went wrong on the other side.</summary>
    public const long Internal = 0x1;

    /// <summary>The other side does not keep to the protocol; the connection is closed with it.</summary>
    public const long Protocol = 0x2;

    /// <summary>Nobody waits for the answer any more.</summary>
    public const long RequestCancelled = 0x3;

    /// <summary>The other side has too much to do.</summary>
    public const long ExcessiveLoad = 0x4;

    /// <summary>The other side does not say what is wrong.</summary>
    public const long Unspecified = 0x5;

    /// <summary>The name of a code, for people.</summary>
    public static string Name(long code) => code switch
    {
        None => "DOQ_NO_ERROR",
        Internal => "DOQ_INTERNAL_ERROR",
        Protocol => "DOQ_PROTOCOL_ERROR",
        RequestCancelled => "DOQ_REQUEST_CANCELLED",
        ExcessiveLoad => "DOQ_EXCESSIVE_LOAD",
        Unspecified => "DOQ_UNSPECIFIED_ERROR",
        _ => string.Create(CultureInfo.InvariantCulture, $"error {code}"),
    };
}
