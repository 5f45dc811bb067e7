using System.Net;
using DnsFlow.Clients;
using DnsFlow.Settings;

namespace DnsFlow.Policy.Actions;

/// <summary>
/// <c>dns64</c>: a name without AAAA records gets some made of its A records (RFC 6147), so that clients with nothing but IPv6 reach it through a translator; a
/// question for the name of such an address leads to that of the IPv4 one. Other answers go on to later rules.
/// </summary>
internal sealed class Dns64ActionFactory : IQueryActionFactory
{
    private static readonly SettingsShape<Dns64Settings> s_shape = new SettingsShape<Dns64Settings>("Makes AAAA records of A records; later rules go on with other answers.")
        .Value("Prefix", SettingsKinds.Network, static (o, v) => o.Prefix = v, "The prefix of the translator: 32, 40, 48, 56, 64 or 96 bits.")
        .List("Exclude", ClientSettings.Range, static (o, v) => o.Exclude = v, "AAAA records that count as missing (RFC 6147 section 5.1.4); ::ffff:0:0/96 unless set.");

    public string Name => "dns64";

    public RuleStages Stages => RuleStages.Answer;

    public SettingsShape Shape => s_shape;

    public IQueryAction? Create(QueryActionContext context)
    {
        var settings = new Dns64Settings();
        if (!context.TryRead(s_shape, settings))
        {
            return null;
        }

        if (!Dns64Prefix.TryMake(settings.Prefix, out var prefix))
        {
            context.Settings.Child("Prefix").Error($"'{settings.Prefix}' is not a prefix for translated addresses; allowed: 64:ff9b::/96, or an IPv6 network of 32, 40, 48, 56, 64 or 96 bits");
            return null;
        }

        return new Dns64Action(prefix, new ClientSet(settings.Exclude, []));
    }

    private sealed class Dns64Settings
    {
        public IPNetwork Prefix { get; set; } = IPNetwork.Parse("64:ff9b::/96");

        public IReadOnlyList<AddressRange> Exclude { get; set; } = [AddressRange.AllIPv4];
    }
}
