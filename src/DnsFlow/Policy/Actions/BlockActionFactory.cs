using System.Net;
using System.Net.Sockets;
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
        .List("Address", SettingsKinds.Address, static (o, v) => o.Address = v, "Instead of Style: answers A and AAAA with these addresses; every other type has no data.")
        .Value("Reason", s_reason, static (o, v) => o.Reason = v, "Who wanted it: filtered (the user), blocked (the operator) or censored (somebody else).");

    public string Name => "block";

    public RuleStages Stages => RuleStages.Query | RuleStages.Answer;

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
        IQueryAction style = settings.Address.Count > 0
            ? new RecordsAction(Records(settings.Address, settings.Ttl), negative, QueryOutcome.Blocked, error, authoritative: false)
            : settings.Style switch
        {
            BlockingStyle.NoData => new NegativeAction(negative, ResponseCode.NoError, QueryOutcome.Blocked, error),
            BlockingStyle.Zero => new RecordsAction(Records([IPAddress.Any, IPAddress.IPv6Any], settings.Ttl), negative, QueryOutcome.Blocked, error, authoritative: false),
            BlockingStyle.Refused => new EmptyAction(ResponseCode.Refused, QueryOutcome.Blocked, error, truncated: false),
            _ => new NegativeAction(negative, ResponseCode.NXDomain, QueryOutcome.Blocked, error),
        };
        return new BlockAction(style, new ListAnswerWriter(negative, (uint)settings.Ttl.TotalSeconds, error));
    }

    private static RecordSets Records(IReadOnlyList<IPAddress> addresses, TimeSpan ttl)
    {
        var sets = new RecordSets((uint)ttl.TotalSeconds);
        foreach (var address in addresses)
        {
            sets.Add(address.AddressFamily == AddressFamily.InterNetwork ? RecordType.A : RecordType.AAAA, address.GetAddressBytes());
        }

        return sets;
    }

    private sealed class BlockSettings
    {
        public BlockingStyle Style { get; set; }

        public TimeSpan Ttl { get; set; }

        public IReadOnlyList<IPAddress> Address { get; set; } = [];

        public ExtendedErrorCode Reason { get; set; } = ExtendedErrorCode.Filtered;
    }
}
