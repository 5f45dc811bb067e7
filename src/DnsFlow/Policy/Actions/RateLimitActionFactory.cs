using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Settings;
using DnsFlow.Telemetry;

namespace DnsFlow.Policy.Actions;

/// <summary>
/// <c>rate-limit</c>: up to a rate later rules go on; above it queries are dropped, refused or truncated. Counted for each client (an IPv4 address, an IPv6 /56) or
/// for the rule as a whole, over all shards together.
/// </summary>
internal sealed class RateLimitActionFactory : IQueryActionFactory
{
    private const double MaxRate = 10_000_000;

    private static readonly SettingsShape<RateLimitSettings> s_shape = new SettingsShape<RateLimitSettings>("Lets later rules go on up to a rate.")
        .Value("Rate", SettingsKinds.Rate(MaxRate), static (o, v) => o.Rate = v, "Queries a second.")
        .Value("Burst", SettingsKinds.Integer(1, 1_000_000), static (o, v) => o.Burst = v, "How many may come at once; as many as in a second unless set.")
        .Value("Per", SettingsKinds.OneOf("a way to count", "client", "rule"), static (o, v) => o.Per = v, "client: each one for itself; rule: all together.")
        .Value("Over", SettingsKinds.OneOf("an answer", "drop", "refuse", "truncate"), static (o, v) => o.Over = v, "What becomes of those above the rate; truncate drops them on streams.");

    public string Name => "rate-limit";

    public SettingsShape Shape => s_shape;

    public IQueryAction? Create(QueryActionContext context)
    {
        var settings = new RateLimitSettings();
        if (!context.TryRead(s_shape, settings))
        {
            return null;
        }

        if (settings.Rate <= 0)
        {
            context.Settings.Child("Rate").Error("a rate above 0 is missing, as in 20/s");
            return null;
        }

        var burst = settings.Burst > 0 ? settings.Burst : Math.Max(1, (int)Math.Ceiling(settings.Rate));
        return new RateLimitAction(new RateTable(settings.Rate, burst, settings.Per == "rule" ? 1 : RateTable.MaxClients), settings.Per == "rule", settings.Over);
    }

    private sealed class RateLimitSettings
    {
        public double Rate { get; set; }

        public int Burst { get; set; }

        public string Per { get; set; } = "client";

        public string Over { get; set; } = "drop";
    }

    private sealed class RateLimitAction(RateTable table, bool isForAll, string over) : IQueryAction
    {
        public bool IsFinal => false;

        public StepResult Invoke(ref QueryContext context)
        {
            var key = isForAll ? 1UL : RateTable.KeyOf(context.Flow.Client);
            if (context.Trace is not null || table.TryTake(key, context.Now))
            {
                return StepResult.Continue;
            }

            return over == "refuse" ? context.AnswerEmpty(ResponseCode.Refused, QueryOutcome.Refused, ExtendedErrorCode.Prohibited)
                : over == "truncate" && context.IsDatagram ? context.AnswerEmpty(ResponseCode.NoError, QueryOutcome.Refused, truncated: true)
                : context.Dropped(QueryOutcome.Dropped);
        }
    }
}
