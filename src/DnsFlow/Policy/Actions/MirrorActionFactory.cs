using DnsFlow.Queries;
using DnsFlow.Settings;

namespace DnsFlow.Policy.Actions;

/// <summary>
/// <c>mirror</c>: asks a second group the same question and ignores what it says, to try a resolver with real questions. As many as are in flight at once are bounded:
/// above that nothing is mirrored.
/// </summary>
internal sealed class MirrorActionFactory : IQueryActionFactory
{
    private static readonly SettingsShape<MirrorSettings> s_shape = new SettingsShape<MirrorSettings>("Asks a second group as well and ignores its answer; later rules go on.")
        .Value("To", SettingsKinds.Text, static (o, v) => o.To = v, "The upstream group.");

    public string Name => "mirror";

    public SettingsShape Shape => s_shape;

    public IQueryAction? Create(QueryActionContext context)
    {
        var settings = new MirrorSettings();
        return context.TryRead(s_shape, settings) & context.TryFindGroup("To", settings.To, out var target) ? new MirrorAction(target) : null;
    }

    private sealed class MirrorSettings
    {
        public string? To { get; set; }
    }

    private sealed class MirrorAction(ForwardTarget target) : IQueryAction
    {
        public bool IsFinal => false;

        public StepResult Invoke(ref QueryContext context)
        {
            context.Mirror = target.Group + 1;
            return StepResult.Continue;
        }
    }
}
