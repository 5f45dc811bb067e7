using System.Net;
using DnsFlow.Clients;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Settings;
using DnsFlow.Telemetry;

namespace DnsFlow.Policy.Actions;

/// <summary>
/// <c>rebinding</c>: an answer with an address of a private network becomes NXDOMAIN with the extended error Blocked, so that a page on the web cannot reach into
/// the network by a name of its own. Other answers go on to later rules. Which zones may have such addresses, the rule's conditions say.
/// </summary>
internal sealed class RebindingActionFactory : IQueryActionFactory
{
    private static readonly SettingsShape<RebindingSettings> s_shape = new SettingsShape<RebindingSettings>("Blocks answers with addresses of private networks; later rules go on with others.")
        .List("Networks", ClientSettings.Range, static (o, v) => o.Networks = v, "The networks, in place of the built-in ones.")
        .Value("Ttl", PolicySettings.Ttl, static (o, v) => o.Ttl = v, "How long clients may keep the answer; Blocking:Ttl unless set.");

    public string Name => "rebinding";

    public RuleStages Stages => RuleStages.Answer;

    public SettingsShape Shape => s_shape;

    /// <summary>
    /// RFC 1918, this network, loopback, link-local, shared (RFC 6598), unique local, unspecified; and the same wrapped in 64:ff9b::/96. Those in ::ffff:0:0/96 are
    /// the IPv4 ones for us anyway.
    /// </summary>
    public static IReadOnlyList<AddressRange> PrivateNetworks { get; } =
    [
        .. PrivateIPv4().Select(static network => AddressRange.Of(IPNetwork.Parse(network))),
        .. PrivateIPv4().Select(static network => Wrapped(IPNetwork.Parse(network))),
        .. new[] { "::/127", "fc00::/7", "fe80::/10" }.Select(static network => AddressRange.Of(IPNetwork.Parse(network))),
    ];

    public IQueryAction? Create(QueryActionContext context)
    {
        var settings = new RebindingSettings { Ttl = context.Blocking.Ttl };
        return context.TryRead(s_shape, settings)
            ? new RebindingAction(
                new ClientSet(settings.Networks, []), new NegativeResponse(settings.Ttl),
                context.Blocking.ExtendedErrors ? ExtendedErrorCode.Blocked : ExtendedErrorCode.None)
            : null;
    }

    private static string[] PrivateIPv4() => ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "0.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10"];

    private static AddressRange Wrapped(IPNetwork network) =>
        AddressRange.Of(new IPNetwork(IPAddress.Parse($"64:ff9b::{network.BaseAddress}"), 96 + network.PrefixLength));

    private sealed class RebindingSettings
    {
        public IReadOnlyList<AddressRange> Networks { get; set; } = PrivateNetworks;

        public TimeSpan Ttl { get; set; }
    }

    private sealed class RebindingAction(ClientSet networks, NegativeResponse response, ExtendedErrorCode error) : IQueryAction
    {
        public bool IsFinal => false;

        public StepResult Invoke(ref QueryContext context) => AnswerAddresses.AnyIn(context.Response[..context.ResponseLength], networks)
            ? response.Write(ref context, ResponseCode.NXDomain, QueryOutcome.Blocked, error)
            : StepResult.Continue;
    }
}
