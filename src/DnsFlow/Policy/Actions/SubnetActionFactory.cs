using DnsFlow.Flows;
using DnsFlow.Queries;
using DnsFlow.Settings;

namespace DnsFlow.Policy.Actions;

/// <summary><c>client-subnet</c>: what the upstream learns of the client's network, in place of what its group says; later rules go on.</summary>
internal sealed class SubnetActionFactory : IQueryActionFactory
{
    /// <summary>What rules call it.</summary>
    public const string ActionName = "client-subnet";

    private const string Strip = "strip", Keep = "keep", Client = "client";

    private static readonly SettingsKind<string> s_subnet = new(
        "a network to tell", "strip, keep, client or a network such as 192.0.2.0/24",
        static (string text, out string value) => (value = text) is Strip or Keep or Client || NetworkText.TryParseNetwork(text, out _));

    private static readonly SettingsShape<Choice> s_shape = new SettingsShape<Choice>("What the upstream learns of the client's network; later rules go on.")
        .Value("Subnet", s_subnet, static (o, v) => o.Subnet = v, "strip (nothing), keep (what the client says), client (the network of its address) or a network.");

    public string Name => ActionName;

    public SettingsShape Shape => s_shape;

    public IQueryAction? Create(QueryActionContext context)
    {
        var choice = new Choice();
        return context.TryRead(s_shape, choice) ? new SubnetAction(PolicyOf(choice.Subnet)) : null;
    }

    private static SubnetPolicy PolicyOf(string subnet) => subnet switch
    {
        Strip => new SubnetPolicy(),
        Keep => new SubnetPolicy { Mode = SubnetMode.Keep },
        Client => new SubnetPolicy { Mode = SubnetMode.Set },
        _ => Fixed(subnet),
    };

    private static SubnetPolicy Fixed(string subnet)
    {
        var network = NetworkText.TryParseNetwork(subnet, out var parsed) ? parsed : throw new ArgumentException("Not a network.", nameof(subnet));
        return new SubnetPolicy
        {
            Mode = SubnetMode.Set,
            Fixed = SubnetOption.Of(FlowEndpoint.From(network.BaseAddress, 0), network.PrefixLength, network.PrefixLength),
        };
    }

    private sealed class Choice
    {
        public string Subnet { get; set; } = Strip;
    }

    private sealed class SubnetAction(SubnetPolicy policy) : IQueryAction
    {
        public bool IsFinal => false;

        public StepResult Invoke(ref QueryContext context)
        {
            context.SubnetPolicy = policy;
            return StepResult.Continue;
        }
    }
}
