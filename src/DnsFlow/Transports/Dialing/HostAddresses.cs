using System.Collections.Concurrent;
using DnsFlow.Limits;

namespace DnsFlow.Transports.Dialing;

/// <summary>
/// The addresses of the hosts that are connected to, kept for as long as their TTL says (half a minute to a day). While the bootstrap servers do not answer, those
/// known last go on to be used. Any thread.
/// </summary>
internal sealed class HostAddresses(BootstrapResolver resolver, MonotonicClock clock)
{
    private const int MaxHosts = 256;

    // With addresses at hand nobody waits long for newer ones.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan s_least = TimeSpan.FromSeconds(30), s_most = TimeSpan.FromDays(1);

    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The addresses of a host. Throws <see cref="HttpRequestException"/> with a sentence for people when there are none.</summary>
    public async ValueTask<ResolvedHost> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(host, out var known) && clock.Now < known.Until)
        {
            return known.Host;
        }

        using var patience = new CancellationTokenSource(known is null ? Timeout.InfiniteTimeSpan : s_patience, clock.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            var found = await resolver.LookUpAsync(host, either.Token).ConfigureAwait(false);
            Keep(host, found, found.TimeToLive);
            return found;
        }
        catch (Exception exception) when (known is not null && exception is HttpRequestException or OperationCanceledException)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                throw;
            }

            Keep(host, known!.Host, s_least);
            return known.Host;
        }
    }

    /// <summary>The network is another one: everything is looked up anew, and only if that fails the addresses known so far are used.</summary>
    public void Expire()
    {
        foreach (var (host, known) in _known)
        {
            _known.TryUpdate(host, known with { Until = 0 }, known);
        }
    }

    private void Keep(string host, ResolvedHost found, TimeSpan time)
    {
        if (_known.Count >= MaxHosts)
        {
            _known.Clear();     // of earlier configurations
        }

        var kept = time < s_least ? s_least : time > s_most ? s_most : time;
        _known[host] = new Known(found, clock.Now + (kept.Ticks / TimeSpan.TicksPerMicrosecond));
    }

    private sealed record Known(ResolvedHost Host, long Until);
}
