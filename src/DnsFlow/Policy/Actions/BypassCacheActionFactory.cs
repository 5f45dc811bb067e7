using DnsFlow.Queries;
using DnsFlow.Settings;

namespace DnsFlow.Policy.Actions;

/// <summary><c>bypass-cache</c>: the response cache is neither read nor written; later rules go on.</summary>
internal sealed class BypassCacheActionFactory : IQueryActionFactory
{
    public string Name => "bypass-cache";

    public SettingsShape Shape { get; } = new SettingsShape<object>("Keeps the query out of the cache; later rules go on.");

    public IQueryAction Create(QueryActionContext context) => new BypassCacheAction();

    private sealed class BypassCacheAction : IQueryAction
    {
        public bool IsFinal => false;

        public StepResult Invoke(ref QueryContext context)
        {
            context.BypassCache = true;
            return StepResult.Continue;
        }
    }
}
