namespace DnsFlow.Zones;

/// <summary>The addresses of a name that lies below a delegation: not ours to answer, but part of a referral (RFC 1034 section 4.2.1).</summary>
/// <param name="Addresses4">Its A records.</param>
/// <param name="Addresses6">Its AAAA records.</param>
internal sealed record ZoneGlue(ZoneRRset? Addresses4, ZoneRRset? Addresses6)
{
    /// <summary>How many octets they take.</summary>
    public long Bytes => ZoneMemory.OfObject(2) + (Addresses4?.Bytes ?? 0) + (Addresses6?.Bytes ?? 0);
}
