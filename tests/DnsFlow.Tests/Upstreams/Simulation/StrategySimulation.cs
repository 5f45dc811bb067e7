using DnsFlow.TestKit;
using DnsFlow.Upstreams;

namespace DnsFlow.Tests.Upstreams.Simulation;

/// <summary>
/// Questions in virtual time to one group: the product's own group, strategy, health and retry plan; the network and the clock are made up. Shows what a
/// client waits for and what the servers have to carry.
/// </summary>
internal sealed class StrategySimulation
{
    private const long Start = 3_600_000_000, ProbeLook = 250_000;

    private readonly PriorityQueue<Action<long>, (long Time, long Order)> _events = new();
    private readonly UpstreamGroupOptions _options;
    private readonly UpstreamGroup _group;
    private readonly Dictionary<Upstream, SimulatedServer> _servers;
    private readonly Random _network;
    private long _order;

    public StrategySimulation(string strategy, int profile, int questions, long interval)
    {
        _options = new UpstreamGroupOptions { Strategy = strategy };
        var servers = UpstreamProfile.Make(profile, _options, Start, questions * interval);
        _servers = servers.ToDictionary(server => server.Upstream);
        _network = new Random(profile * 31);
        UpstreamStrategies.TryCreate(_options, out var made, seed: (ulong)profile + 1);
        _group = new UpstreamGroup("simulated", 1, _options, new UpstreamServers([.. _servers.Keys]), made);
        Run(questions, interval);
    }

    /// <summary>How long each question took, in microseconds.</summary>
    public List<long> Latencies { get; } = [];

    /// <summary>Questions that got no good answer.</summary>
    public int Failures { get; private set; }

    /// <summary>Packets sent for clients' questions.</summary>
    public int Packets { get; private set; }

    private void Run(int questions, long interval)
    {
        var arrivals = new Random(4711);
        var time = Start;
        for (var i = 0; i < questions; i++)
        {
            time += (long)(-Math.Log(1 - arrivals.NextDouble()) * interval);
            var name = Wire.Name($"n{arrivals.Next(500)}.example");
            At(time, now => Begin(new SimulatedQuestion(name, now)));
        }

        At(Start, now => Probe(now, time));
        while (_events.TryDequeue(out var happens, out var at))
        {
            happens(at.Time);
        }
    }

    private void At(long time, Action<long> happens) => _events.Enqueue(happens, (time, _order++));

    private void Begin(SimulatedQuestion question)
    {
        var now = question.Began;
        var server = _group.ChooseFirst(new UpstreamQuestion(question.Name, now));
        At(now + _group.BudgetMicroseconds, _ => End(question, question.Began + _group.BudgetMicroseconds, isGood: false));
        if (server is null)
        {
            End(question, now, isGood: false);
            return;
        }

        question.First = server;
        question.EndsAt = now + server.AttemptTimeout;
        Send(question, server, now, server.AttemptTimeout, _ => Next(question, UpstreamError.Timeout));
        var patience = _group.Patience(server);
        if (patience < server.AttemptTimeout)
        {
            At(now + patience, later => Hedge(question, later));
        }
    }

    private void Hedge(SimulatedQuestion question, long now)
    {
        if (!question.IsOver && question.Plan is null && now < question.EndsAt && _group.TryHedge(now))
        {
            Next(question, UpstreamError.Slow, now);
        }
    }

    private void Next(SimulatedQuestion question, UpstreamError why, long? at = null)
    {
        var now = at ?? question.Now;
        if (question.IsOver)
        {
            return;
        }

        if (question.Plan is not null && why == UpstreamError.Timeout && question.Now < question.EndsAt)
        {
            return;
        }

        question.Plan ??= new RetryPlan(new Transaction(
            new TestOwner(), 0, _group, TestUpstreams.Query(), question.First, why, question.Began + _group.BudgetMicroseconds));
        do
        {
            if (!question.Plan.TryNext(now, out var attempt, out var isBudgetSpent))
            {
                if (isBudgetSpent)
                {
                    At(now + 100_000, later => Next(question, UpstreamError.Timeout, later));
                }

                return;
            }

            Send(question, attempt.Server, now, attempt.Server.AttemptTimeout, later => Next(question, UpstreamError.Timeout, later));
        }
        while (question.Plan.IsParallel);
    }

    private void Send(SimulatedQuestion question, Upstream server, long now, long timeout, Action<long> onTimeout)
    {
        Packets++;
        server.Sent();
        var isTimedOut = false;
        var isAnswered = false;
        var reply = _servers[server].Ask(now, _network);
        if (reply is { } coming)
        {
            At(now + coming.After, later =>
            {
                question.Now = later;
                isAnswered = true;
                Report(question, server, coming.After, later, coming.IsGood, isTimedOut);
            });
        }

        At(now + timeout, later =>
        {
            question.Now = later;
            if (!isAnswered)
            {
                isTimedOut = true;
                server.Failed(question.IsOver ? UpstreamError.Abandoned : UpstreamError.Timeout, later);
                onTimeout(later);
            }
        });
    }

    private void Report(SimulatedQuestion question, Upstream server, long roundTrip, long now, bool isGood, bool isTimedOut)
    {
        if (isTimedOut)
        {
            server.SucceededLate(roundTrip);
        }
        else if (isGood)
        {
            server.Succeeded(roundTrip, now);
        }
        else
        {
            server.Failed(UpstreamError.BadResponse, now);
        }

        if (isGood)
        {
            End(question, now, isGood: true);
        }
        else
        {
            question.Plan?.Ended(new PlannedAttempt(server, OverStream: false, IsRetry: true), UpstreamError.BadResponse);
            Next(question, UpstreamError.BadResponse, now);
        }
    }

    private void End(SimulatedQuestion question, long now, bool isGood)
    {
        if (!question.IsOver)
        {
            question.IsOver = true;
            Latencies.Add(now - question.Began);
            Failures += isGood ? 0 : 1;
        }
    }

    private void Probe(long now, long end)
    {
        foreach (var (server, simulated) in _servers)
        {
            if (server.Health.TryTakeProbe(now))
            {
                var timeout = server.AttemptTimeout;
                if (simulated.Ask(now, _network) is { } coming && coming.After < timeout)
                {
                    At(now + coming.After, later => server.Health.Succeeded(coming.After, later));
                }
                else
                {
                    At(now + timeout, server.Health.Failed);
                }
            }
        }

        if (now < end)
        {
            At(now + ProbeLook, later => Probe(later, end));
        }
    }

    private sealed class SimulatedQuestion(byte[] name, long began)
    {
        public byte[] Name { get; } = name;

        public long Began { get; } = began;

        public long Now { get; set; } = began;

        public long EndsAt { get; set; }

        public Upstream? First { get; set; }

        public RetryPlan? Plan { get; set; }

        public bool IsOver { get; set; }
    }
}
