using DnsFlow.Clients;
using DnsFlow.Limits;

namespace DnsFlow.Policy;

/// <summary>What is paused, at the wish of a person at run time: it outlives plans, and ends by itself. Bounded. Not thread safe.</summary>
internal sealed class PauseTable(MonotonicClock clock)
{
    /// <summary>The most pauses at a time.</summary>
    public const int MaxPauses = 256;

    /// <summary>The longest one.</summary>
    public static readonly TimeSpan MaxTime = TimeSpan.FromDays(1);

    private readonly List<PauseEntry> _entries = [];

    /// <summary>What is paused now, what ends first in front.</summary>
    public IReadOnlyList<PauseEntry> Entries
    {
        get
        {
            RemoveEnded();
            return [.. _entries.OrderBy(static entry => entry.End)];
        }
    }

    /// <summary>Pauses for some clients, or for everybody; once more means anew. False when there are too many already.</summary>
    public bool TryAdd(string name, ClientReference? clients, TimeSpan time)
    {
        RemoveEnded();
        _entries.RemoveAll(entry => entry.Is(name, clients));
        if (_entries.Count >= MaxPauses)
        {
            return false;
        }

        var now = clock.Time.GetUtcNow();
        _entries.Add(new PauseEntry(name, clients, now, now + time, clock.Now + (long)time.TotalMicroseconds));
        return true;
    }

    /// <summary>Ends a pause; false when there is none.</summary>
    public bool Remove(string name, ClientReference? clients)
    {
        RemoveEnded();
        return _entries.RemoveAll(entry => entry.Is(name, clients)) > 0;
    }

    private void RemoveEnded()
    {
        var now = clock.Now;
        _entries.RemoveAll(entry => entry.End <= now);
    }
}
