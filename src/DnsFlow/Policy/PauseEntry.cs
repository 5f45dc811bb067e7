using System.Net;
using DnsFlow.Flows;
using DnsFlow.Telemetry;

namespace DnsFlow.Policy;

/// <summary>One pause. Live queries go by the monotonic clock, rehearsals by the time they are asked for.</summary>
/// <param name="Name">What is paused.</param>
/// <param name="Address">For this client alone; null = for everybody.</param>
/// <param name="Since">When it began, UTC.</param>
/// <param name="Until">When it ends, UTC.</param>
/// <param name="End">When it ends, monotonic.</param>
internal sealed record PauseEntry(string Name, IPAddress? Address, DateTimeOffset Since, DateTimeOffset Until, long End)
{
    private readonly FlowEndpoint _client = Address is null ? default : FlowEndpoint.From(Address, 0);

    /// <summary>Whether it is for a client at a time; <paramref name="at"/> goes before <paramref name="now"/>.</summary>
    public bool Holds(in FlowEndpoint client, long now, DateTimeOffset? at)
        => (at is { } time ? Since <= time && time < Until : now < End) && (Address is null || (client.High == _client.High && client.Low == _client.Low));

    /// <summary>Whether it is the one for a name and a client.</summary>
    public bool Is(string name, IPAddress? address) => Names(name) && Equals(_client, address is null ? default : FlowEndpoint.From(address, 0)) && (Address is null) == (address is null);

    /// <summary>Whether it is for a list or rule of this name.</summary>
    public bool Names(string name) => string.Equals(Name, name, StringComparison.OrdinalIgnoreCase);

    /// <summary>What a person sees of it.</summary>
    public PauseStats ToStats() => new(Name, Address is null ? null : _client.ToAddress().ToString(), Until);
}
