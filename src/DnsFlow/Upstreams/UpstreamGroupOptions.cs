using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Upstreams;

/// <summary>One upstream group (<c>DnsFlow:Upstreams:NAME</c>).</summary>
public sealed class UpstreamGroupOptions
{
    /// <summary>The servers in order: <c>9.9.9.9</c>, <c>udp://[2620:fe::fe]:53</c>, <c>tcp://9.9.9.9</c>, <c>system:</c>.</summary>
    public IReadOnlyList<string> Servers { get; set; } = [];

    /// <summary>How often each server of <see cref="Servers"/> is asked beside the others, 1 to 1,000, where the strategy looks at it; empty = all alike.</summary>
    public IReadOnlyList<int> Weights { get; set; } = [];

    /// <summary>
    /// Who is asked first: <c>ordered</c> (default), <c>roundRobin</c>, <c>weighted</c>, <c>leastOutstanding</c>, <c>fastest</c>, <c>consistentHash</c>,
    /// <c>parallel</c> or <c>hedged</c>.
    /// </summary>
    public string Strategy { get; set; } = "ordered";

    /// <summary>The whole question, all attempts. Default 4.5 s; at most 30 s.</summary>
    public TimeSpan Budget { get; set; } = TimeSpan.FromSeconds(4.5);

    /// <summary>The longest wait for one attempt; shorter ones follow from the measured round trip. Default 1.5 s.</summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(1.5);

    /// <summary>Packets per question at most. Range 1 to 3, default 3.</summary>
    public int Attempts { get; set; } = 3;

    /// <summary>Failures in a row that open the breaker of a server. Default 5.</summary>
    public int FailAfter { get; set; } = 5;

    /// <summary>How soon an open breaker lets one query try; doubles up to 10 s. Default 1 s.</summary>
    public TimeSpan ProbeEvery { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>When a hedged group asks another server beside the first.</summary>
    public HedgeOptions Hedge { get; set; } = new();

    /// <summary>What the servers learn of clients' networks (RFC 7871). Default nothing.</summary>
    public SubnetPolicy ClientSubnet { get; set; } = new();

    /// <summary>Whether UDP servers are asked with DNS cookies (RFC 7873): a reply that does not show ours is not believed. Default false.</summary>
    public bool Cookies { get; set; }

    /// <summary>Whether UDP servers are asked in random letter case, which their reply has to repeat. Default false.</summary>
    public bool RandomCase { get; set; }

    /// <summary>Who finds out that a server is back. Default: a question of our own, while the group is in use.</summary>
    public ProbeMode Probe { get; set; } = ProbeMode.Lazy;

    /// <summary>What a probe asks for: the name servers of the root (<c>.</c>, default) or the address of another name.</summary>
    public string ProbeName { get; set; } = ".";

    /// <summary>The query of a probe in wire form.</summary>
    internal byte[] MakeProbeQuery()
    {
        var name = DomainName.TryParse(ProbeName, DomainName.Root, out var parsed, out _) ? parsed : DomainName.Root;
        byte[] question = [.. name.Wire, 0, (byte)(name.Length == 1 ? RecordType.NS : RecordType.A), 0, (byte)RecordClass.IN];
        var query = new byte[UpstreamQueryWriter.MaxLength];
        return query[..UpstreamQueryWriter.Write(question, DnsHeader.RecursionDesiredBit, dnssecOk: false, query)];
    }

    /// <summary>Adds a line for every setting that is wrong, with its path below the group (<c>Servers:0: …</c>).</summary>
    public void Validate(ICollection<string> errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        if (Servers.Count == 0)
        {
            errors.Add("Servers: a group needs at least one server, like 9.9.9.9 or system:");
        }

        for (var i = 0; i < Servers.Count; i++)
        {
            if (!UpstreamAddress.TryParse(Servers[i], out _, out var error))
            {
                errors.Add($"Servers:{i}: '{Servers[i]}' {error}");
            }
        }

        if (Servers.Count > UpstreamGroup.MaxServers)
        {
            errors.Add($"Servers: {Servers.Count} servers; a group has {UpstreamGroup.MaxServers} at most");
        }

        if (Weights.Count != 0 && Weights.Count != Servers.Count)
        {
            errors.Add($"Weights: {Weights.Count} weights for {Servers.Count} servers; there is one for each, or none");
        }

        if (!UpstreamStrategies.TryCreate(this, out _))
        {
            errors.Add($"Strategy: '{Strategy}' is unknown; allowed are {string.Join(", ", UpstreamStrategies.Names)}");
        }

        Check(errors, nameof(Budget), Budget, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30));
        Check(errors, nameof(AttemptTimeout), AttemptTimeout, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(30));
        Check(errors, nameof(ProbeEvery), ProbeEvery, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5));
        Check(errors, nameof(Attempts), Attempts, 1, 3);
        Check(errors, nameof(FailAfter), FailAfter, 1, 1_000);
        Check(errors, "Hedge:After", Hedge.After ?? TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(5));
        Check(errors, "Hedge:MaxExtra", Hedge.MaxExtra, 0, 1);
        for (var i = 0; i < Weights.Count; i++)
        {
            Check(errors, $"Weights:{i}", Weights[i], 1, 1_000);
        }

        if (!DomainName.TryParse(ProbeName, DomainName.Root, out _, out var problem))
        {
            errors.Add($"Health:ProbeName: '{ProbeName}' is not a domain name: {problem}");
        }
    }

    private static void Check<T>(ICollection<string> errors, string path, T value, T least, T most)
        where T : IComparable<T>
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
        {
            errors.Add($"{path}: {value} is out of range; allowed are {least} to {most}");
        }
    }
}
