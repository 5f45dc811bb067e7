using DnsFlow.Clients;
using DnsFlow.Flows;
using DnsFlow.Telemetry;

namespace DnsFlow.Policy;

/// <summary>One pause. Live queries go by the monotonic clock, rehearsals by the time they are asked for.</summary>
/// <param name="Name">What is paused.</param>
/// <param name="For">For these clients alone; null = for everybody.</param>
/// <param name="Since">When it began, UTC.</param>
/// <param name="Until">When it ends, UTC.</param>
/// <param name="End">When it ends, monotonic.</param>
internal sealed record PauseEntry(string Name, ClientReference? For, DateTimeOffset Since, DateTimeOffset Until, long End)
{
    /// <summary>Whom <see cref="For"/> means in the plan that is in force; null = nobody, as long as it does not say so.</summary>
    public ClientSet? Clients { get; init; }

    /// <summary>Whether it is for a client at a time; <paramref name="at"/> goes before <paramref name="now"/>.</summary>
    public bool Holds(in FlowEndpoint client, long now, DateTimeOffset? at)
        => (at is { } time ? Since <= time && time < Until : now < End) && (For is null || Clients?.Contains(client) == true);

    /// <summary>Whether it is the one for a name and these clients.</summary>
    public bool Is(string name, ClientReference? clients) => Names(name) && IsFor(clients);

    /// <summary>Whether it is for a list or rule of this name.</summary>
    public bool Names(string name) => string.Equals(Name, name, StringComparison.OrdinalIgnoreCase);

    /// <summary>What a person sees of it.</summary>
    public PauseStats ToStats() => new(Name, For?.ToString(), Until);

    private bool IsFor(ClientReference? clients) => For is { } own && clients is { } other
        ? own.Range == other.Range && own.Mac == other.Mac && string.Equals(own.Name, other.Name, StringComparison.OrdinalIgnoreCase)
        : For is null && clients is null;
}
