using DnsFlow.Names;

namespace DnsFlow.Lists;

/// <summary>
/// Collects the entries of one list over all its sources, within the list's bounds. For one thread; used once.
/// </summary>
internal sealed class ListBuilder : IDisposable
{
    private readonly string _list;
    private readonly ListOptions _options;
    private readonly long _maxBytes;
    private readonly DetailTable _details = new();
    private readonly NameEntryTable _names;
    private readonly PatternTable _patterns = new();
    private readonly TriggerTable _clients;
    private readonly TriggerTable _answers;
    private readonly List<CancelledEntry> _cancelled = [];
    private readonly List<SourceReport> _sources = [];
    private SkipCounter _skipped = new("");
    private string _source = "";
    private uint _place;
    private int _entriesBefore;
    private bool _isExcept;

    /// <summary>Begins a list.</summary>
    /// <param name="list">Its name.</param>
    /// <param name="options">Its options.</param>
    /// <param name="maxBytes">The most octets it may take.</param>
    /// <param name="expected">How many names there may be about.</param>
    public ListBuilder(string list, ListOptions options, long maxBytes, int expected = 0)
    {
        _list = list;
        _options = options;
        _maxBytes = maxBytes;
        _clients = new TriggerTable(_details, ListLimits.MaxClientEntries, SkipReason.TooManyClientTriggers);
        _answers = new TriggerTable(_details, ListLimits.MaxAnswerEntries, SkipReason.TooManyAnswerTriggers);
        _names = new NameEntryTable(_details, maxBytes, Math.Max(100, Math.Min(expected, options.MaxEntries)));
    }

    /// <summary>What the list cannot have: too many entries, too much memory; null = nothing yet.</summary>
    public string? Problem { get; private set; }

    /// <summary>How many entries there are.</summary>
    public int Count => _names.Count + _patterns.Count + _clients.Count + _answers.Count;

    /// <summary>Whether plain names cover what is below them.</summary>
    public bool WithSubdomains => _options.Subdomains;

    /// <summary>Begins a source.</summary>
    /// <param name="source">Its file or address.</param>
    /// <param name="isExcept">Whether its names are those that the list never matches.</param>
    public void BeginSource(string source, bool isExcept)
    {
        _source = source;
        _isExcept = isExcept;
        _skipped = new SkipCounter(source);
        _entriesBefore = Count;
        _place = (uint)_sources.Count << ListData.LineBits;
    }

    /// <summary>Ends a source.</summary>
    public void EndSource(string syntax, int lines) =>
        _sources.Add(new SourceReport(_source, syntax, lines, Count - _entriesBefore, _skipped.Counts, _skipped.First));

    /// <summary>The line that is read.</summary>
    public int Line => (int)(_place & ((1 << ListData.LineBits) - 1));

    /// <summary>Says which line what follows stands in.</summary>
    public void BeginLine(int number) => _place = ((uint)_sources.Count << ListData.LineBits) | (uint)number;

    /// <summary>Notes that the line, or a part of it, is no entry.</summary>
    public void Skip(string reason) => _skipped.Add(Line, reason);

    /// <summary>Adds a name in wire form and lower case.</summary>
    public void Add(ReadOnlySpan<byte> name, NameScope scope, EntryFlags flags = EntryFlags.None, EntryDetail? detail = null)
    {
        (flags, detail) = Adapt(flags, detail);
        flags |= (EntryFlags)scope;
        var number = detail is null ? 0 : _details.Intern(detail);
        if (number < 0)
        {
            Skip(SkipReason.TooManyDetails);
            return;
        }

        flags |= detail is null ? EntryFlags.None : EntryFlags.HasDetail;
        var hash = NameSuffixes.Hash(name);
        if (_names.TryMerge(name, hash, flags, detail, number, _place, out var reason))
        {
            if (reason is not null)
            {
                Skip(reason);
            }
        }
        else if (HasRoom() && !_names.TryAdd(name, hash, flags, number, _place))
        {
            Problem = NoMemory;
        }
    }

    /// <summary>Counts a regular expression that is about to be made; false, and the line is skipped, when the list has had as many as it may.</summary>
    public bool TryTakeExpression()
    {
        if (_patterns.TakeExpression() is { } reason)
        {
            Skip(reason);
            return false;
        }

        return true;
    }

    /// <summary>Adds an entry that is no name.</summary>
    public void AddPattern(ITextPattern pattern, string text, EntryFlags flags, EntryDetail? detail)
    {
        if (_patterns.Problem(pattern) is { } reason)
        {
            Skip(reason);
        }
        else if (HasRoom())
        {
            (flags, detail) = Adapt(flags, detail);
            _patterns.Add(new PatternEntry(pattern, flags, detail, _place, text));
        }
    }

    /// <summary>Adds an entry on clients.</summary>
    public void AddClient(System.Net.IPNetwork clients, EntryFlags flags, EntryDetail detail, string trigger) =>
        AddTrigger(_clients, new TriggerEntry(clients, null, IsBelow: false, flags, detail, _place, trigger));

    /// <summary>Adds an entry on addresses in answers.</summary>
    public void AddAnswer(System.Net.IPNetwork network, EntryFlags flags, EntryDetail detail, string trigger) =>
        AddTrigger(_answers, new TriggerEntry(network, null, IsBelow: false, flags, detail, _place, trigger));

    /// <summary>Adds an entry on the servers of the zones that answers come from; the name in wire form and lower case.</summary>
    public void AddServer(ReadOnlySpan<byte> name, bool isBelow, EntryFlags flags, EntryDetail detail, string trigger) =>
        AddTrigger(_answers, new TriggerEntry(default, name.ToArray(), isBelow, flags, detail, _place, trigger));

    /// <summary>Cancels what says the same as these arguments of <see cref="Add"/>, wherever it stands.</summary>
    public void Cancel(ReadOnlySpan<byte> name, NameScope scope, EntryFlags flags, EntryDetail? detail) =>
        AddCancelled(new CancelledEntry(name.ToArray(), null, flags | (EntryFlags)scope, detail?.Text ?? ""));

    /// <summary>Cancels a pattern that is written so.</summary>
    public void CancelPattern(string text) => AddCancelled(new CancelledEntry([], text, EntryFlags.None, ""));

    /// <summary>Compiles what was added.</summary>
    public ListData Build()
    {
        foreach (var cancelled in _cancelled)
        {
            Apply(cancelled);
        }

        var details = _details.ToImmutable();
        return new ListData
        {
            Name = _list,
            Records = _names.Complete(),
            Names = _names.Count,
            Details = details,
            Patterns = _patterns.ToImmutable(),
            Clients = _clients.ToImmutable(details),
            Answers = _answers.ToImmutable(details),
            Depths = _names.Depths,
            Sources = [.. _sources],
            Bytes = Bytes(),
        };
    }

    /// <inheritdoc/>
    public void Dispose() => _names.Dispose();

    /// <summary>A list of exceptions holds nothing but exceptions, whichever way it is written.</summary>
    private (EntryFlags Flags, EntryDetail? Detail) Adapt(EntryFlags flags, EntryDetail? detail) => !_isExcept
        ? (flags, detail)
        : (EntryFlags.Exception | EntryFlags.Always, detail is { IsConditional: true } ? detail with { Answer = null, IsRewrite = false } : null);

    private void AddTrigger(TriggerTable table, TriggerEntry entry)
    {
        if (HasRoom() && table.Add(_isExcept ? entry with { Flags = EntryFlags.Exception | EntryFlags.Always } : entry) is { } reason)
        {
            Skip(reason);
        }
    }

    private bool HasRoom()
    {
        if (Count >= _options.MaxEntries)
        {
            Problem ??= $"it has more than {_options.MaxEntries:N0} entries (MaxEntries)";
        }
        else if (Bytes() > _maxBytes)
        {
            Problem ??= NoMemory;
        }

        return Problem is null;
    }

    private string NoMemory => $"it does not fit into the memory for lists, {_maxBytes >> 10:N0} KiB of Limits:Memory are left";

    private long Bytes() =>
        _names.Bytes + _details.Bytes + _patterns.Bytes + ((long)(_clients.Count + _answers.Count) * TriggerEntry.Size);

    private void AddCancelled(CancelledEntry entry)
    {
        if (_cancelled.Count < ListLimits.MaxPatterns)
        {
            _cancelled.Add(entry);
        }
        else
        {
            Skip(SkipReason.TooManyPatterns);
        }
    }

    private void Apply(CancelledEntry cancelled)
    {
        if (cancelled.Pattern is { } text)
        {
            _patterns.Cancel(text);
        }
        else
        {
            _names.Cancel(cancelled.Name, cancelled.Flags, cancelled.Detail);
        }
    }

    private sealed record CancelledEntry(byte[] Name, string? Pattern, EntryFlags Flags, string Detail);
}
