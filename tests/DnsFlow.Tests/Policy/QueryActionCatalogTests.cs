using DnsFlow.Policy;
using DnsFlow.Queries;
using DnsFlow.Settings;
using DnsFlow.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DnsFlow.Tests.Policy;

public sealed class QueryActionCatalogTests
{
    [Fact]
    public void AddQueryAction_OwnAction_IsFoundByItsNameAndReadsItsKeys()
    {
        var actions = Actions(static builder => builder.AddQueryAction<TarpitActionFactory>());
        var rules = TestRules.Query("""[{ "Action": "Tarpit", "Depth": 7 }]""", "{}", actions);
        Assert.Equal(7, Assert.IsType<TarpitAction>(rules.Rules[0].Action).Depth);
        Assert.Equal(StepResult.Dropped, Asked.Ask(rules, new AskedQuestion("www.example")).Result);
    }

    [Fact]
    public void Constructor_NameTwice_Throws() =>
        Assert.Throws<ArgumentException>(() => Actions(static builder => builder.AddQueryAction<TarpitActionFactory>().AddQueryAction<TarpitActionFactory>()));

    [Fact]
    public void Names_BuiltIn_AreTheDocumentedOnes() =>
        Assert.Equal(["forward", "answer", "block", "refuse", "nodata", "nxdomain", "truncate", "drop", "tag", "bypass-cache", "client-subnet", "rate-limit", "delay", "mirror", "rewrite", "pass", "ttl", "rebinding", "dns64"], QueryActionCatalog.BuiltIn.Names);

    private static QueryActionCatalog Actions(Action<IDnsFlowBuilder> add)
    {
        var builder = new Builder(new ServiceCollection(), new ConfigurationBuilder().Build());
        builder.AddPolicy();
        add(builder);
        return builder.Services.BuildServiceProvider().GetRequiredService<QueryActionCatalog>();
    }

    private sealed record Builder(IServiceCollection Services, IConfiguration Configuration) : IDnsFlowBuilder;

    private sealed class TarpitActionFactory : IQueryActionFactory
    {
        private static readonly SettingsShape<TarpitAction> s_shape =
            new SettingsShape<TarpitAction>("Sinks.").Value("Depth", SettingsKinds.Integer(1, 9), static (o, v) => o.Depth = v, "How deep.");

        public string Name => "tarpit";

        public SettingsShape Shape => s_shape;

        public IQueryAction? Create(QueryActionContext context)
        {
            var action = new TarpitAction();
            return context.TryRead(s_shape, action) ? action : null;
        }
    }

    private sealed class TarpitAction : IQueryAction
    {
        public int Depth { get; set; }

        public StepResult Invoke(ref QueryContext context) => context.Dropped(QueryOutcome.Dropped);
    }
}
