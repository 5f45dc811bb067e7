using DnsFlow.Caching;
using DnsFlow.Policy;
using DnsFlow.Queries;
using DnsFlow.Upstreams;
using DnsFlow.Zones;
using DnsFlow.Zones.Transfer;

namespace DnsFlow.Server.Plans;

/// <summary>The order of the engine's steps. It is read from top to bottom; nowhere else is it decided what comes before what.</summary>
internal static class DefaultEngine
{
    /// <summary>Makes the engine of a plan.</summary>
    public static QueryEngine Build(
        RuleSet rules, RuleSet answerRules, ZoneLoadResult zones, ResponseCache cache, TimeProvider time, Func<IReadOnlyList<byte[]>>? designated, IQueryLog? log = null,
        ServerCookies? cookies = null, SubnetStep? subnets = null) => new(
    [
        new NotifyStep(zones.Transfers!, time),
        new ValidationStep(cookies),
        new PolicyStep(rules),
        new ZoneStep(zones.Store!),
        new SpecialNamesStep(designated),
        .. subnets is null ? (ReadOnlySpan<IQueryStep>)[] : [subnets],      // only where a group or a rule tells networks of clients
        new CacheStep(cache),
    ])
    {
        Review = answerRules.Rules.IsEmpty ? null : new AnswerStep(answerRules),     // what upstreams say, fresh or out of the cache, before a client gets it
        Log = log,
    };
}
