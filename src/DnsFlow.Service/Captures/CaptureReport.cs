namespace DnsFlow.Service.Captures;

/// <summary>What reading a capture came to.</summary>
internal sealed class CaptureReport
{
    private readonly SortedDictionary<string, long> _skipped = new(StringComparer.Ordinal);

    /// <summary>Packets, frames or lines read.</summary>
    public long Records { get; set; }

    /// <summary>Messages found.</summary>
    public long Messages { get; set; }

    /// <summary>What was left out, by reason.</summary>
    public IReadOnlyDictionary<string, long> Skipped => _skipped;

    /// <summary>Why reading ended before the end of the file, with the place; null when it did not.</summary>
    public string? Problem { get; set; }

    /// <summary>Counts something that was left out.</summary>
    public void Skip(string reason) => _skipped[reason] = _skipped.GetValueOrDefault(reason) + 1;
}
