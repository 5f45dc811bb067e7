namespace DnsFlow.Zones;

/// <summary>The errors of one zone file and what it includes, up to <paramref name="most"/>; what comes after is not kept, and reading ends.</summary>
internal sealed class ZoneErrors(int most = ZoneErrors.Max)
{
    /// <summary>The most errors told of one file, unless more are asked for.</summary>
    public const int Max = 20;

    private readonly List<ZoneError> _errors = [];

    /// <summary>The errors in the order they were found.</summary>
    public IReadOnlyList<ZoneError> Items => _errors;

    /// <summary>Whether there is any error.</summary>
    public bool Any => _errors.Count > 0;

    /// <summary>Whether reading further would tell nothing more.</summary>
    public bool IsFull => _errors.Count >= most;

    /// <summary>Adds an error. Always returns false, so that a check can end in it.</summary>
    public bool Add(string file, int line, string message)
    {
        if (!IsFull)
        {
            _errors.Add(new ZoneError(file, line, message));
        }

        return false;
    }

    /// <summary>Adds an error about a record.</summary>
    public bool Add(in ZoneRecord record, string message) => Add(record.File, record.Line, message);
}
