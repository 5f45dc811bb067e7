using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using DnsFlow.Zones.Transfer;

namespace DnsFlow.Zones;

/// <summary>Zones ready to answer, or everything that is wrong with their files.</summary>
/// <param name="Store">The zones; null when there is any error.</param>
/// <param name="Transfers">The zones among them that are transferred; not started.</param>
/// <param name="Errors">The errors, at most <see cref="ZoneErrors.Max"/> for each zone.</param>
internal sealed record ZoneLoadResult(ZoneStore? Store, ZoneTransfers? Transfers, ImmutableArray<ZoneError> Errors)
{
    /// <summary>Whether the zones were loaded.</summary>
    [MemberNotNullWhen(true, nameof(Store), nameof(Transfers))]
    public bool IsLoaded => Store is not null;
}
