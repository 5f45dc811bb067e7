namespace DnsFlow.Lists;

/// <summary>One list with its last good data. Written by one loader at a time; read by anybody.</summary>
internal sealed class ListState(string name, ListOptions options, string folder)
{
    private volatile ListData? _data;
    private volatile string? _error;
    private long _updatedAt;

    /// <summary>The list's name.</summary>
    public string Name { get; } = name;

    /// <summary>Its options.</summary>
    public ListOptions Options { get; } = options;

    /// <summary>The folder that its files are relative to.</summary>
    public string Folder { get; } = folder;

    /// <summary>The last good data; null before the first.</summary>
    public ListData? Data => _data;

    /// <summary>Why the last attempt to read it failed, or failed in part; null when it did not.</summary>
    public string? Error
    {
        get => _error;
        set => _error = value;
    }

    /// <summary>When the data were read, or last found unchanged; null before the first.</summary>
    public DateTimeOffset? UpdatedAt => Interlocked.Read(ref _updatedAt) is not 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>What the sources were when the data were read, by which a change is seen.</summary>
    public IReadOnlyList<SourceStamp> Stamps { get; private set; } = [];

    /// <summary>When it is to be refreshed by itself; null = never.</summary>
    public DateTimeOffset? DueAt { get; set; }

    /// <summary>An address that was never fetched; null = there is none.</summary>
    public string? Missing => Data?.Sources.FirstOrDefault(static source => source.Syntax == ListLoader.NotFetched)?.Source;

    /// <summary>Takes new data.</summary>
    public void Accept(ListData data, IReadOnlyList<SourceStamp> stamps, DateTimeOffset now)
    {
        _data = data;
        Stamps = stamps;
        Confirm(now);
    }

    /// <summary>Notes that the data were found right.</summary>
    public void Confirm(DateTimeOffset now)
    {
        Interlocked.Exchange(ref _updatedAt, now.UtcTicks);
        _error = Missing is { } source ? $"{source}: it was not fetched yet" : null;
    }

    /// <summary>What a person wants to know of it.</summary>
    public ListReport Report() => new(Name, Data?.Count ?? 0, UpdatedAt, Error, Data?.Sources ?? []);
}
