using System.Net;

namespace DnsFlow.Service.Endpoints;

/// <summary>Counts failed attempts by address: after ten within a minute an address is turned away until the minute is over. Thread safe, bounded.</summary>
internal sealed class FailureLimit(TimeProvider time)
{
    /// <summary>The most failures of one address in a minute.</summary>
    public const int MaxFailures = 10;

    private const int MaxAddresses = 1_024;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, (long Since, int Count)> _failures = [];

    /// <summary>Whether an address has failed too often.</summary>
    public bool IsBarred(IPAddress address)
    {
        lock (_lock)
        {
            return _failures.TryGetValue(address, out var entry) && entry.Count >= MaxFailures && time.GetElapsedTime(entry.Since) < Window;
        }
    }

    /// <summary>An attempt has failed.</summary>
    public void Count(IPAddress address)
    {
        lock (_lock)
        {
            if (!_failures.TryGetValue(address, out var entry) || time.GetElapsedTime(entry.Since) >= Window)
            {
                MakeRoom();
                entry = (time.GetTimestamp(), 0);
            }

            _failures[address] = entry with { Count = entry.Count + 1 };
        }
    }

    // Whoever has that many addresses guesses no faster by it than ten times a minute with each.
    private void MakeRoom()
    {
        if (_failures.Count >= MaxAddresses)
        {
            foreach (var address in _failures.Where(pair => time.GetElapsedTime(pair.Value.Since) >= Window).Select(pair => pair.Key).ToList())
            {
                _failures.Remove(address);
            }

            if (_failures.Count >= MaxAddresses)
            {
                _failures.Remove(_failures.MinBy(pair => pair.Value.Since).Key);
            }
        }
    }
}
