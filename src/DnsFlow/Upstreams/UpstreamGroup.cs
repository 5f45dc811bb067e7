using DnsFlow.Upstreams.Strategies;

namespace DnsFlow.Upstreams;

/// <summary>
/// A named list of servers that stand in for each other: who is asked, how much at once, and how many retries there may be. Any thread.
/// </summary>
internal sealed class UpstreamGroup : IDisposable
{
    /// <summary>Questions in flight at most unless configured.</summary>
    public const int DefaultMaxInFlight = 4_096;

    // While nobody answers: 20 questions a second may still try, so the first server that is back is found at once.
    private const long PassInterval = 50_000;

    private readonly IUpstreamStrategy _strategy;
    private readonly UpstreamServers _servers;
    private readonly int _maxInFlight;
    private int _inFlight;
    private long _inFlightRefused;
    private long _nextPass;
    private uint _passes = uint.MaxValue;

    /// <summary>Makes a group; <paramref name="servers"/> null = a group without servers.</summary>
    public UpstreamGroup(
        string name, uint partition, UpstreamGroupOptions options,
        UpstreamServers? servers = null, IUpstreamStrategy? strategy = null, int maxInFlight = DefaultMaxInFlight)
    {
        Name = name;
        Partition = partition;
        Options = options;
        _servers = servers ?? new UpstreamServers([]);
        _strategy = strategy ?? new OrderedStrategy();
        _maxInFlight = maxInFlight;
        BudgetMicroseconds = options.Budget.Ticks / TimeSpan.TicksPerMicrosecond;
    }

    /// <summary>The group's name in the configuration.</summary>
    public string Name { get; }

    /// <summary>Keeps the group's cached responses apart.</summary>
    public uint Partition { get; }

    /// <summary>Its settings.</summary>
    public UpstreamGroupOptions Options { get; }

    /// <summary>How long a question may take, all attempts together, in microseconds.</summary>
    public long BudgetMicroseconds { get; }

    /// <summary>The servers as they are now; with <c>system:</c> they may be others a moment later.</summary>
    public ReadOnlySpan<Upstream> Servers => _servers.Current;

    /// <summary>Why there are no servers, for people; null when there are.</summary>
    public string? Problem => _servers.Problem;

    /// <summary>Keeps extra packets within bounds.</summary>
    public RetryBudget RetryBudget { get; } = new();

    /// <summary>Questions in flight.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Questions turned away by <see cref="TryEnter"/>.</summary>
    public long InFlightRefused => Volatile.Read(ref _inFlightRefused);

    /// <summary>Whether no server of the group is up: answer from what is stale, or say so.</summary>
    public bool IsDown
    {
        get
        {
            foreach (var server in Servers)
            {
                if (!server.Health.IsDown)
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>Takes one of the group's places for a question in flight. Returns false, and counts it, when all are taken.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _inFlight) <= _maxInFlight)
        {
            return true;
        }

        Interlocked.Decrement(ref _inFlight);
        Interlocked.Increment(ref _inFlightRefused);
        return false;
    }

    /// <summary>Gives the place back.</summary>
    public void Leave() => Interlocked.Decrement(ref _inFlight);

    /// <summary>
    /// The server of a question's first attempt. Null when all are down and it is nobody's turn to try: the question has failed
    /// with <see cref="UpstreamError.AllDown"/>. Does not allocate.
    /// </summary>
    public Upstream? ChooseFirst(long now)
    {
        _servers.RefreshSoon(now);
        var servers = Servers;
        if (servers.IsEmpty)
        {
            return null;
        }

        var chosen = Search(servers, _strategy.Begin(servers), [], now) ?? LetPass(servers, [], now);
        if (chosen is not null)
        {
            RetryBudget.CountQuestion(now);
        }

        return chosen;
    }

    /// <summary>
    /// The server of a question's next attempt: one that was not asked yet, else one that was asked and kept silent. Null when there is none.
    /// </summary>
    public Upstream? Next(ReadOnlySpan<AskedServer> asked, long now)
    {
        var servers = Servers;
        if (servers.IsEmpty)
        {
            return null;
        }

        var begin = asked.IsEmpty ? _strategy.Begin(servers) : (servers.IndexOf(asked[^1].Server) + 1) % servers.Length;
        return Search(servers, begin, asked, now) ?? AskAgain(servers, asked, now) ?? LetPass(servers, asked, now);
    }

    /// <inheritdoc/>
    public void Dispose() => _servers.Dispose();

    // First those that answer well, then the suspects.
    private static Upstream? Search(ReadOnlySpan<Upstream> servers, int begin, ReadOnlySpan<AskedServer> asked, long now)
        => Search(servers, begin, asked, suspects: false, now) ?? Search(servers, begin, asked, suspects: true, now);

    private static Upstream? Search(ReadOnlySpan<Upstream> servers, int begin, ReadOnlySpan<AskedServer> asked, bool suspects, long now)
    {
        for (var i = 0; i < servers.Length; i++)
        {
            var server = servers[(begin + i) % servers.Length];
            if (!WasAsked(server, asked, out _) && server.Health.IsSuspect(now) == suspects && server.TryUse(now))
            {
                return server;
            }
        }

        return null;
    }

    private static Upstream? AskAgain(ReadOnlySpan<Upstream> servers, ReadOnlySpan<AskedServer> asked, long now)
    {
        foreach (var server in servers)
        {
            if (WasAsked(server, asked, out var isFinal) && !isFinal && server.TryUse(now))
            {
                return server;
            }
        }

        return null;
    }

    private Upstream? LetPass(ReadOnlySpan<Upstream> servers, ReadOnlySpan<AskedServer> asked, long now)
    {
        var next = Volatile.Read(ref _nextPass);
        if (now < next || !IsDown || Interlocked.CompareExchange(ref _nextPass, now + PassInterval, next) != next)
        {
            return null;
        }

        var begin = Interlocked.Increment(ref _passes);
        for (uint i = 0; i < servers.Length; i++)
        {
            var server = servers[(int)((begin + i) % (uint)servers.Length)];
            if (!WasAsked(server, asked, out _))
            {
                return server;
            }
        }

        return null;
    }

    private static bool WasAsked(Upstream server, ReadOnlySpan<AskedServer> asked, out bool isFinal)
    {
        isFinal = false;
        var found = false;
        foreach (var entry in asked)
        {
            if (ReferenceEquals(entry.Server, server))
            {
                found = true;
                isFinal |= entry.IsFinal;
            }
        }

        return found;
    }
}
