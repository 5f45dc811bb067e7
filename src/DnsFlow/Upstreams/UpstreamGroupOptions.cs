namespace DnsFlow.Upstreams;

/// <summary>One upstream group (<c>DnsFlow:Upstreams:NAME</c>).</summary>
public sealed class UpstreamGroupOptions
{
    /// <summary>The servers in order: <c>9.9.9.9</c>, <c>udp://[2620:fe::fe]:53</c>, <c>tcp://9.9.9.9</c>, <c>system:</c>.</summary>
    public IReadOnlyList<string> Servers { get; set; } = [];

    /// <summary>Who is asked first: <c>ordered</c> (default) or <c>roundRobin</c>.</summary>
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

        if (!UpstreamStrategies.TryCreate(Strategy, out _))
        {
            errors.Add($"Strategy: '{Strategy}' is unknown; allowed are {string.Join(", ", UpstreamStrategies.Names)}");
        }

        Check(errors, nameof(Budget), Budget, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30));
        Check(errors, nameof(AttemptTimeout), AttemptTimeout, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(30));
        Check(errors, nameof(ProbeEvery), ProbeEvery, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5));
        Check(errors, nameof(Attempts), Attempts, 1, 3);
        Check(errors, nameof(FailAfter), FailAfter, 1, 1_000);
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
