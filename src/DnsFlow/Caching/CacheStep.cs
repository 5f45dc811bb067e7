using DnsFlow.Queries;

namespace DnsFlow.Caching;

/// <summary>
/// The step before forwarding: answers what the chosen group answered before. Passes on what is not to be forwarded or is to bypass the cache.
/// Allocates nothing.
/// </summary>
internal sealed class CacheStep(ResponseCache cache) : IQueryStep
{
    /// <inheritdoc/>
    public string Name => "cache";

    /// <inheritdoc/>
    public StepResult Invoke(ref QueryContext context)
    {
        if (context.BypassCache || context.Target.Group < 0 || !cache.IsEnabled)
        {
            return StepResult.Continue;
        }

        var key = context.Key(cache.Seed);
        if (!cache.TryAnswer(ref context, context.Shard, key))
        {
            return StepResult.Continue;
        }

        context.Decision = context.Decision with { Step = Name };
        if (context.Trace is { } trace)
        {
            trace.IsCached = true;
        }

        return StepResult.Answered;
    }
}
