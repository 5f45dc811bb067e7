using DnsFlow.Flows;

namespace DnsFlow.Policy;

/// <summary>Pauses of things that have numbers. Immutable.</summary>
internal sealed class NumberedPauses
{
    private readonly ulong[] _any;
    private readonly (int Number, PauseEntry Pause)[] _pauses;

    /// <summary>Takes the pauses that are meant for one of <paramref name="names"/>.</summary>
    public NumberedPauses(IReadOnlyList<PauseEntry> pauses, IReadOnlyList<string> names)
    {
        _pauses = [.. pauses.SelectMany(pause => names.Select((name, number) => (Name: name, Number: number)).Where(one => pause.Names(one.Name)).Select(one => (one.Number, pause)))];
        _any = new ulong[_pauses.Length == 0 ? 0 : (names.Count + 63) / 64];
        foreach (var (number, _) in _pauses)
        {
            _any[number / 64] |= 1UL << (number % 64);
        }
    }

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => _pauses.Length == 0;

    /// <summary>The pause of a number that holds; null = there is none.</summary>
    public PauseEntry? Find(int number, in FlowEndpoint client, long now, DateTimeOffset? at)
    {
        if (number / 64 >= _any.Length || (_any[number / 64] >> (number % 64) & 1) == 0)
        {
            return null;
        }

        foreach (var (own, pause) in _pauses)
        {
            if (own == number && pause.Holds(client, now, at))
            {
                return pause;
            }
        }

        return null;
    }
}
