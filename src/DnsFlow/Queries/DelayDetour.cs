namespace DnsFlow.Queries;

/// <summary>Holds a query back: then it goes the way it would have gone at once.</summary>
/// <param name="delay">For how long.</param>
/// <param name="answer">The response that was made at once; null = none was.</param>
/// <param name="next">The detour it would have taken at once; null = none.</param>
internal sealed class DelayDetour(TimeSpan delay, DetourResponse? answer, QueryDetour? next) : QueryDetour
{
    public override string Description => next is null ? $"delayed by {delay.TotalMilliseconds:0} ms" : $"delayed by {delay.TotalMilliseconds:0} ms, {next.Description}";

    /// <inheritdoc/>
    public override QueryDetour? Way => next?.Way;

    public override async ValueTask<DetourResponse> RunAsync(IDetourQuery query)
    {
        await query.WaitAsync(delay).ConfigureAwait(false);
        if (answer is { } ready)
        {
            return ready;
        }

        return next is null ? await query.AskAsync(query.Message).ConfigureAwait(false) : await next.RunAsync(query).ConfigureAwait(false);
    }
}
