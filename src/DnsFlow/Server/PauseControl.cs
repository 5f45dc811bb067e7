using DnsFlow.Clients;
using DnsFlow.Limits;
using DnsFlow.Policy;
using DnsFlow.Server.Plans;
using DnsFlow.Settings;
using DnsFlow.Telemetry;

namespace DnsFlow.Server;

/// <summary>Lets lists and rules not match for a while, by their names, through all plans that come meanwhile. Thread safe.</summary>
internal sealed class PauseControl(MonotonicClock clock)
{
    private readonly Lock _lock = new();
    private readonly PauseTable _table = new(clock);
    private ProxyPlan? _plan;

    /// <summary>What is paused, what ends first in front.</summary>
    public IReadOnlyList<PauseStats> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _table.Entries.Select(static entry => entry.ToStats())];
            }
        }
    }

    /// <summary>A plan is about to be put in force: what is paused is paused there.</summary>
    public void Apply(ProxyPlan plan)
    {
        lock (_lock)
        {
            _plan = plan;
            Publish(plan);
        }
    }

    /// <summary>Pauses what has a name; the sentence why not, or null.</summary>
    public string? Begin(string name, ClientReference? clients, TimeSpan time)
    {
        lock (_lock)
        {
            if (_plan is not { } plan)
            {
                return "the proxy is not running";
            }

            if (time <= TimeSpan.Zero || time > PauseTable.MaxTime)
            {
                return $"a pause lasts {PauseTable.MaxTime.TotalDays:0} day at most";
            }

            var names = plan.Lists.Names.Concat(plan.QueryRules.Rules.SkipLast(1).Concat(plan.AnswerRules.Rules).Select(static rule => rule.Name)).ToHashSet(StringComparer.OrdinalIgnoreCase);
            if (!names.Contains(name))
            {
                return string.Equals(plan.QueryRules.Rules[^1].Name, name, StringComparison.OrdinalIgnoreCase)
                    ? $"'{name}' is the last query rule, and one must match"
                    : $"'{name}' is neither a list nor a query rule nor an answer rule{NearestSpelling.Hint(name, names)}";
            }

            if (clients is { } reference && plan.Clients.Check(reference) is { } problem)
            {
                return problem;
            }

            if (!_table.TryAdd(name, clients, time))
            {
                return $"there are {PauseTable.MaxPauses} pauses already";
            }

            Publish(plan);
            return null;
        }
    }

    /// <summary>Ends a pause; false when there is none.</summary>
    public bool End(string name, ClientReference? clients)
    {
        lock (_lock)
        {
            var ended = _table.Remove(name, clients);
            if (ended && _plan is { } plan)
            {
                Publish(plan);
            }

            return ended;
        }
    }

    private void Publish(ProxyPlan plan)
    {
        // A set may mean others after a reload, or be gone: then the pause is for nobody until it is back.
        IReadOnlyList<PauseEntry> pauses = [.. _table.Entries.Select(entry => entry.For is { } clients ? entry with { Clients = plan.Clients.Resolve(clients) } : entry)];
        plan.QueryRules.Paused = PausedSet.Of(pauses, [.. plan.QueryRules.Rules.SkipLast(1).Select(static rule => rule.Name)], plan.Lists.Names);
        plan.AnswerRules.Paused = PausedSet.Of(pauses, [.. plan.AnswerRules.Rules.Select(static rule => rule.Name)], plan.Lists.Names);
    }
}
