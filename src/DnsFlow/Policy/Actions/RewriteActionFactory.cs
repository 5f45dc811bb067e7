using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Settings;

namespace DnsFlow.Policy.Actions;

/// <summary>
/// <c>rewrite</c>: another name is asked in place of the query's, of every type, and its answer given as the query's own: behind a CNAME record, or flattened. Later
/// rules see the name that was asked; the group they choose is asked the other one, local zones and the cache first.
/// </summary>
internal sealed class RewriteActionFactory : IQueryActionFactory
{
    private static readonly SettingsShape<RewriteSettings> s_shape = new SettingsShape<RewriteSettings>("Asks another name in place of the query's; later rules go on.")
        .Value("Target", SettingsKinds.Text, static (o, v) => o.Target = v, "The name that is asked.")
        .Value("Flatten", SettingsKinds.Boolean, static (o, v) => o.Flatten = v, "Whether the records are given as the asked name's own, without a CNAME record.")
        .Value("Ttl", PolicySettings.Ttl, static (o, v) => o.Ttl = v, "How long clients may keep the CNAME record.");

    public string Name => "rewrite";

    public SettingsShape Shape => s_shape;

    public IQueryAction? Create(QueryActionContext context)
    {
        var settings = new RewriteSettings();
        if (!context.TryRead(s_shape, settings))
        {
            return null;
        }

        if (settings.Target is null || !DomainName.TryParse(settings.Target, DomainName.Root, out var target, out _))
        {
            context.Settings.Child("Target").Error(settings.Target is null ? "a name is missing, as in www.example.org" : $"'{settings.Target}' is not a name");
            return null;
        }

        return new RewriteAction(new RewriteDetour(target, settings.Flatten, (uint)settings.Ttl.TotalSeconds));
    }

    private sealed class RewriteSettings
    {
        public string? Target { get; set; }

        public bool Flatten { get; set; }

        public TimeSpan Ttl { get; set; } = TimeSpan.FromMinutes(5);
    }

    private sealed class RewriteAction(RewriteDetour detour) : IQueryAction
    {
        public bool IsFinal => false;

        public StepResult Invoke(ref QueryContext context)
        {
            if (!WireName.EqualsIgnoreCase(detour.Target.Wire, context.Name))
            {
                context.Detour = detour;
            }

            return StepResult.Continue;
        }
    }
}
