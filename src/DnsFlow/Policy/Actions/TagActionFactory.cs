using DnsFlow.Settings;

namespace DnsFlow.Policy.Actions;

/// <summary><c>tag</c>: gives the query a mark that later rules can ask for (<c>Tags</c>) and lets them go on.</summary>
internal sealed class TagActionFactory : IQueryActionFactory
{
    private static readonly SettingsShape<TagSettings> s_shape = new SettingsShape<TagSettings>("Gives the query a tag; later rules go on.")
        .Value("Tag", SettingsKinds.Text, static (o, v) => o.Tag = v, "The tag.");

    public string Name => "tag";

    public RuleStages Stages => RuleStages.Query | RuleStages.Answer;

    public SettingsShape Shape => s_shape;

    public IQueryAction? Create(QueryActionContext context)
    {
        var settings = new TagSettings();
        if (!context.TryRead(s_shape, settings))
        {
            return null;
        }

        if (settings.Tag is null || SettingsNames.Check(settings.Tag) is not null)
        {
            context.Settings.Child("Tag").Error(settings.Tag is null ? "a tag is missing" : SettingsNames.Check(settings.Tag)!);
            return null;
        }

        return new TagAction(context.GiveTag(settings.Tag));
    }

    private sealed class TagSettings
    {
        public string? Tag { get; set; }
    }
}
