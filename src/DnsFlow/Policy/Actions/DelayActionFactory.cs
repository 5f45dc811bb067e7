using DnsFlow.Queries;
using DnsFlow.Settings;

namespace DnsFlow.Policy.Actions;

/// <summary><c>delay</c>: holds the query back, whatever later rules decide about it. It waits on the service plane; no thread waits with it.</summary>
internal sealed class DelayActionFactory : IQueryActionFactory
{
    private static readonly SettingsShape<DelaySettings> s_shape = new SettingsShape<DelaySettings>("Holds the query back; later rules go on.")
        .Value("By", SettingsKinds.Duration(TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(5)), static (o, v) => o.By = v, "For how long.");

    public string Name => "delay";

    public SettingsShape Shape => s_shape;

    public IQueryAction? Create(QueryActionContext context)
    {
        var settings = new DelaySettings();
        if (context.TryRead(s_shape, settings) && settings.By > TimeSpan.Zero)
        {
            return new DelayAction((int)settings.By.TotalMilliseconds);
        }

        if (settings.By == TimeSpan.Zero && !context.Settings.Child("By").Exists)
        {
            context.Settings.Child("By").Error("a duration is missing, as in 200ms");
        }

        return null;
    }

    private sealed class DelaySettings
    {
        public TimeSpan By { get; set; }
    }

    private sealed class DelayAction(int milliseconds) : IQueryAction
    {
        public bool IsFinal => false;

        public StepResult Invoke(ref QueryContext context)
        {
            context.DelayMilliseconds = Math.Max(context.DelayMilliseconds, milliseconds);
            return StepResult.Continue;
        }
    }
}
