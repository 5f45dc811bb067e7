using DnsFlow.Protocol;
using DnsFlow.Settings;
using DnsFlow.Telemetry;

namespace DnsFlow.Policy.Actions;

/// <summary>
/// <c>block</c>: answers as the entry of the list says by which the rule matched, else in the style of <c>Blocking</c>, or of the rule's own keys. The extended error says who wanted it (RFC 8914 sections 4.16 to 4.18):
/// <c>filtered</c> (the user, the default), <c>blocked</c> (the operator) or <c>censored</c> (somebody else).
/// </summary>
internal sealed class BlockActionFactory : IQueryActionFactory
{
    private static readonly SettingsKind<ExtendedErrorCode> s_reason = SettingsKinds.Choice(
        "a reason", ("filtered", ExtendedErrorCode.Filtered), ("blocked", ExtendedErrorCode.Blocked), ("censored", ExtendedErrorCode.Censored));

    private static readonly SettingsShape<BlockSettings> s_shape = new SettingsShape<BlockSettings>("Blocks.")
        .Value("Style", PolicySettings.Style, static (o, v) => o.Style = v, "The answer; Blocking:Style unless set.")
        .Value("Ttl", PolicySettings.Ttl, static (o, v) => o.Ttl = v, "How long clients may keep the answer; Blocking:Ttl unless set.")
        .Value("Reason", s_reason, static (o, v) => o.Reason = v, "Who wanted it: filtered (the user), blocked (the operator) or censored (somebody else).");

    public string Name => "block";

    public SettingsShape Shape => s_shape;

    public IQueryAction? Create(QueryActionContext context)
    {
        var settings = new BlockSettings { Style = context.Blocking.Style, Ttl = context.Blocking.Ttl };
        if (!context.TryRead(s_shape, settings))
        {
            return null;
        }

        var error = context.Blocking.ExtendedErrors ? settings.Reason : ExtendedErrorCode.None;
        var negative = new NegativeResponse(settings.Ttl);
        IQueryAction style = settings.Style switch
        {
            BlockingStyle.NoData => new NegativeAction(negative, ResponseCode.NoError, QueryOutcome.Blocked, error),
            BlockingStyle.Zero => new RecordsAction(ZeroRecords(settings.Ttl), negative, QueryOutcome.Blocked, error, authoritative: false),
            BlockingStyle.Refused => new EmptyAction(ResponseCode.Refused, QueryOutcome.Blocked, error, truncated: false),
            _ => new NegativeAction(negative, ResponseCode.NXDomain, QueryOutcome.Blocked, error),
        };
        return new BlockAction(style, new ListAnswerWriter(negative, (uint)settings.Ttl.TotalSeconds, error));
    }

    private static RecordSets ZeroRecords(TimeSpan ttl)
    {
        var sets = new RecordSets((uint)ttl.TotalSeconds);
        sets.Add(RecordType.A, new byte[4]);
        sets.Add(RecordType.AAAA, new byte[16]);
        return sets;
    }

    private sealed class BlockSettings
    {
        public BlockingStyle Style { get; set; }

        public TimeSpan Ttl { get; set; }

        public ExtendedErrorCode Reason { get; set; } = ExtendedErrorCode.Filtered;
    }
}
