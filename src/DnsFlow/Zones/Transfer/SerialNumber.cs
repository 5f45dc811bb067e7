namespace DnsFlow.Zones.Transfer;

/// <summary>Serial numbers of zones go round in a circle (RFC 1982).</summary>
internal static class SerialNumber
{
    /// <summary>Whether a serial comes after another.</summary>
    public static bool IsNewer(uint serial, uint than) => (int)(serial - than) > 0;
}
