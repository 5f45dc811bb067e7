using DnsFlow.Settings;

namespace DnsFlow.Clients;

/// <summary>Who is meant by a reference while a plan is in force: the named sets of its configuration. Immutable.</summary>
internal sealed class ClientSets(IReadOnlyDictionary<string, ClientSetOptions> sets, NeighbourTable? neighbours)
{
    /// <summary>Why a reference means nobody; null = it means somebody.</summary>
    public string? Check(in ClientReference reference) => reference.Name is { } name && !sets.ContainsKey(name)
        ? $"'{name}' is neither an address nor a network nor a set of clients{NearestSpelling.Hint(name, [.. sets.Keys])}"
        : null;

    /// <summary>The clients that are meant; nobody by the name of a set that there is not.</summary>
    public ClientSet Resolve(in ClientReference reference) => reference.Name is { } name
        ? sets.TryGetValue(name, out var set) ? new(set.Addresses, set.Macs, neighbours) : new([], [])
        : new(reference.Range is { } range ? [range] : [], reference.Mac is { } mac ? [mac] : [], neighbours);
}
