using DnsFlow.Queries;
using DnsFlow.Settings;

namespace DnsFlow.Policy.Actions;

/// <summary>
/// <c>forward</c>: chooses the upstream group. A rule that names the domain takes it away from local zones and special-use names; <c>"Cache": false</c>
/// keeps its answers out of the cache.
/// </summary>
internal sealed class ForwardActionFactory : IQueryActionFactory
{
    /// <summary>Its name.</summary>
    public const string ActionName = "forward";

    private static readonly SettingsShape<ForwardSettings> s_shape = new SettingsShape<ForwardSettings>("Asks an upstream group.")
        .Value("To", SettingsKinds.Text, static (o, v) => o.To = v, "The upstream group.")
        .Value("Cache", SettingsKinds.Boolean, static (o, v) => o.Cache = v, "Whether the response cache is used.");

    public string Name => ActionName;

    public SettingsShape Shape => s_shape;

    public IQueryAction? Create(QueryActionContext context)
    {
        var settings = new ForwardSettings();
        return context.TryRead(s_shape, settings) & context.TryFindGroup("To", settings.To, out var target)
            ? new ForwardAction(target, context.NamesDomain, !settings.Cache)
            : null;
    }

    private sealed class ForwardSettings
    {
        public string? To { get; set; }

        public bool Cache { get; set; } = true;
    }

    private sealed class ForwardAction(ForwardTarget target, bool skipLocalData, bool bypassCache) : IQueryAction
    {
        public StepResult Invoke(ref QueryContext context)
        {
            context.Target = target;
            context.SkipLocalData = skipLocalData;
            context.BypassCache |= bypassCache;
            return StepResult.Continue;
        }
    }
}
