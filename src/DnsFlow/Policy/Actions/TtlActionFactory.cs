using System.Buffers.Binary;
using DnsFlow.Queries;
using DnsFlow.Settings;

namespace DnsFlow.Policy.Actions;

/// <summary><c>ttl</c>: holds the TTLs that the client sees within bounds; later answer rules go on. What the cache keeps is not touched.</summary>
internal sealed class TtlActionFactory : IQueryActionFactory
{
    private static readonly SettingsShape<TtlBounds> s_shape = new SettingsShape<TtlBounds>("Holds TTLs within bounds; later rules go on.")
        .Value("Min", PolicySettings.Ttl, static (o, v) => o.Min = v, "Shorter ones are raised to this.")
        .Value("Max", PolicySettings.Ttl, static (o, v) => o.Max = v, "Longer ones are cut to this.");

    public string Name => "ttl";

    public RuleStages Stages => RuleStages.Answer;

    public SettingsShape Shape => s_shape;

    public IQueryAction? Create(QueryActionContext context)
    {
        var bounds = new TtlBounds();
        if (!context.TryRead(s_shape, bounds))
        {
            return null;
        }

        if (bounds.Min > bounds.Max)
        {
            context.Settings.Child("Min").Error("is above Max");
            return null;
        }

        return new TtlAction((uint)bounds.Min.TotalSeconds, (uint)bounds.Max.TotalSeconds);
    }

    private sealed class TtlBounds
    {
        public TimeSpan Min { get; set; } = TimeSpan.Zero;

        public TimeSpan Max { get; set; } = TimeSpan.FromDays(7);
    }

    private sealed class TtlAction(uint min, uint max) : IQueryAction
    {
        public bool IsFinal => false;

        public StepResult Invoke(ref QueryContext context)
        {
            var response = context.Response[..context.ResponseLength];
            for (var records = new AnswerSection(response, withAuthority: true); records.MoveNext();)
            {
                BinaryPrimitives.WriteUInt32BigEndian(response[records.Current.TtlOffset..], Math.Clamp(records.Current.Ttl, min, max));
            }

            return StepResult.Continue;
        }
    }
}
