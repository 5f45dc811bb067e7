using DnsFlow.Upstreams.Strategies;

namespace DnsFlow.Upstreams;

/// <summary>
/// A named list of servers that stand in for each other: who is asked, how much at once, and how many retries there may be. Any thread.
/// </summary>
internal sealed class UpstreamGroup : IDisposable
{
    /// <summary>Servers at most: they are chosen by the bits of a word.</summary>
    public const int MaxServers = 64;

    /// <summary>Questions in flight at most unless configured.</summary>
    public const int DefaultMaxInFlight = 4_096;

    // While nobody answers: 20 questions a second may still try, so the first server that is back is found at once.
    private const long PassInterval = 50_000;
    private const int Wanted = 1, UnderWay = 2;

    private readonly IUpstreamStrategy _strategy;
    private readonly RetryBudget? _hedgeBudget;
    private readonly UpstreamServers _servers;
    private readonly int _maxInFlight;
    private int _inFlight;
    private long _inFlightRefused;
    private long _nextPass;
    private uint _passes = uint.MaxValue;
    private long _lastUsed = long.MinValue;
    private int _isProbing;
    private volatile bool _isDisposed;

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
        _hedgeBudget = _strategy is HedgedStrategy ? new RetryBudget(options.Hedge.MaxExtra, options.Hedge.MaxExtra > 0 ? 1 : 0) : null;
        _maxInFlight = maxInFlight;
        ProbeQuery = options.MakeProbeQuery();
        _isProbing = options.Probe == ProbeMode.Always ? Wanted : 0;
        BudgetMicroseconds = options.Budget.Ticks / TimeSpan.TicksPerMicrosecond;
    }

    /// <summary>The group's name in the configuration.</summary>
    public string Name { get; }

    /// <summary>Keeps the group's cached responses apart.</summary>
    public uint Partition { get; }

    /// <summary>Its settings.</summary>
    public UpstreamGroupOptions Options { get; }

    /// <summary>Tells whether a later plan has the same group, which then goes on as it is; null = no other group is the same.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>How long a question may take, all attempts together, in microseconds.</summary>
    public long BudgetMicroseconds { get; }

    /// <summary>The servers as they are now; with <c>system:</c> they may be others a moment later.</summary>
    public ReadOnlySpan<Upstream> Servers => _servers.Current;

    /// <summary>Why there are no servers, for people; null when there are.</summary>
    public string? Problem => _servers.Problem;

    /// <summary>Keeps extra packets within bounds.</summary>
    public RetryBudget RetryBudget { get; } = new();

    /// <summary>What servers are asked that are to prove themselves, in wire form.</summary>
    public ReadOnlyMemory<byte> ProbeQuery { get; }

    /// <summary>Whether a server was found down, or is to be looked after always, and nobody does yet.</summary>
    public bool WantsProbing => Volatile.Read(ref _isProbing) == Wanted;

    /// <summary>Whether the group is gone.</summary>
    public bool IsDisposed => _isDisposed;

    /// <summary>When a question was last asked, in microseconds.</summary>
    public long LastUsed => Volatile.Read(ref _lastUsed);

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
    public Upstream? ChooseFirst(in UpstreamQuestion question)
    {
        var now = question.Now;
        Volatile.Write(ref _lastUsed, now);
        _servers.RefreshSoon(now);
        var servers = Servers;
        if (servers.IsEmpty)
        {
            return null;
        }

        var chosen = Search(servers, [], question) ?? LetPass(servers, [], now);
        if (chosen is not null)
        {
            RetryBudget.CountQuestion(now);
            _hedgeBudget?.CountQuestion(now);
        }

        return chosen;
    }

    /// <summary>
    /// The server of a question's next attempt: one that was not asked yet, else (unless <paramref name="onlyOthers"/>) one that was asked and kept silent.
    /// Null when there is none.
    /// </summary>
    public Upstream? Next(ReadOnlySpan<AskedServer> asked, in UpstreamQuestion question, bool onlyOthers = false)
    {
        var servers = Servers;
        return servers.IsEmpty ? null
            : Search(servers, asked, question)
                ?? (onlyOthers ? null : AskAgain(servers, asked, question.Now) ?? LetPass(servers, asked, question.Now));
    }

    /// <summary>
    /// The servers in the order they would be asked in now: those that answer well, the suspects, those that are down; in each the strategy's, where that can be told
    /// beforehand, else as configured. Asks nobody and takes nobody's turn. Allocates.
    /// </summary>
    public IReadOnlyList<Upstream> Preview(in UpstreamQuestion question)
    {
        var servers = Servers;
        var ranks = new ulong[3];
        for (var i = 0; i < servers.Length; i++)
        {
            ranks[!servers[i].Health.MayUse(question.Now) ? 2 : servers[i].Health.IsSuspect(question.Now) ? 1 : 0] |= 1UL << i;
        }

        var order = new List<Upstream>();
        foreach (var rank in ranks)
        {
            for (var left = rank; left != 0;)
            {
                var index = _strategy.IsSteady ? _strategy.Choose(servers, left, question) : System.Numerics.BitOperations.TrailingZeroCount(left);
                order.Add(servers[index]);
                left &= ~(1UL << index);
            }
        }

        return order;
    }

    /// <summary>
    /// How long <paramref name="first"/> has before another server is asked beside it, in microseconds; <see cref="long.MaxValue"/> when there is no other or
    /// the group does not do so.
    /// </summary>
    public long Patience(Upstream first) => Servers.Length > 1 ? _strategy.Patience(first) : long.MaxValue;

    /// <summary>Takes one extra packet out of the hedging budget; false when that is spent. Groups that ask several at once have none.</summary>
    public bool TryHedge(long now) => _hedgeBudget?.TryTake(now) ?? true;

    /// <summary>Takes the task of looking after the servers; false when somebody has it.</summary>
    public bool TryBeginProbing() => Interlocked.CompareExchange(ref _isProbing, UnderWay, Wanted) == Wanted;

    /// <summary>The servers are up, or nobody asks.</summary>
    public void EndProbing() => Volatile.Write(ref _isProbing, 0);

    /// <summary>The network is another one: the system's resolvers are read anew, and whoever is down may prove itself at once.</summary>
    public void OnNetworkChanged(long now)
    {
        _servers.Refresh(force: true);
        foreach (var server in Servers)
        {
            server.Health.Retry(now);
            server.StreamHealth.Retry(now);
        }
    }

    /// <summary>
    /// The group is gone, and nobody looks after its servers any more. Questions that are in flight, or were decided by a plan that is just being replaced, still find
    /// the servers there are.
    /// </summary>
    public void Dispose() => _isDisposed = true;

    // First those that answer well, then the suspects.
    private Upstream? Search(ReadOnlySpan<Upstream> servers, ReadOnlySpan<AskedServer> asked, in UpstreamQuestion question)
        => Search(servers, asked, suspects: false, question) ?? Search(servers, asked, suspects: true, question);

    private Upstream? Search(ReadOnlySpan<Upstream> servers, ReadOnlySpan<AskedServer> asked, bool suspects, in UpstreamQuestion question)
    {
        var candidates = CandidatesOf(servers, asked, suspects, question.Now);
        while (candidates != 0)
        {
            var index = _strategy.Choose(servers, candidates, question);
            if (servers[index].TryUse(question.Now))
            {
                return servers[index];
            }

            candidates &= ~(1UL << index);      // somebody else's query is its probe
        }

        return null;
    }

    private ulong CandidatesOf(ReadOnlySpan<Upstream> servers, ReadOnlySpan<AskedServer> asked, bool suspects, long now)
    {
        var candidates = 0UL;
        for (var i = 0; i < servers.Length; i++)
        {
            var health = servers[i].Health;
            if (health.IsDown && _isProbing == 0 && Options.Probe != ProbeMode.Off)
            {
                Interlocked.CompareExchange(ref _isProbing, Wanted, 0);
            }

            if (health.MayUse(now) && health.IsSuspect(now) == suspects && !WasAsked(servers[i], asked, out _))
            {
                candidates |= 1UL << i;
            }
        }

        return candidates;
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
