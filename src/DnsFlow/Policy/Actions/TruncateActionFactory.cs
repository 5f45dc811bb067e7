using DnsFlow.Protocol;
using DnsFlow.Settings;
using DnsFlow.Telemetry;

namespace DnsFlow.Policy.Actions;

/// <summary><c>truncate</c>: an empty answer with TC over UDP, so that the client comes again over TCP; rules with it match no stream.</summary>
internal sealed class TruncateActionFactory : IQueryActionFactory
{
    public string Name => "truncate";

    public SettingsShape Shape { get; } = new SettingsShape<object>("Answers with TC over UDP, so that the client comes again over TCP.");

    public bool OnlyDatagrams => true;

    public IQueryAction Create(QueryActionContext context) =>
        new EmptyAction(ResponseCode.NoError, QueryOutcome.Refused, ExtendedErrorCode.None, truncated: true);
}
