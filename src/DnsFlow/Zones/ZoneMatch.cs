namespace DnsFlow.Zones;

/// <summary>The result of looking for a name in the zones; a plain value.</summary>
/// <param name="Kind">What was found.</param>
/// <param name="Zone">The zone; null when the name is not ours.</param>
/// <param name="Node">The node that answers; for a wildcard its own; null when there is none.</param>
/// <param name="ApexOffset">Where in the name the zone's apex begins.</param>
/// <param name="NodeOffset">Where in the name the name of the closest existing node begins.</param>
internal readonly record struct ZoneMatch(ZoneMatchKind Kind, Zone? Zone, ZoneNode? Node, int ApexOffset, int NodeOffset)
{
    /// <summary>No zone of ours.</summary>
    public static ZoneMatch None => default;
}
