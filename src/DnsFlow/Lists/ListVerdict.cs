using DnsFlow.Flows;
using DnsFlow.Names;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Lists;

/// <summary>
/// Weighs the entries of one list that cover a name: exceptions of <c>Except</c> before everything, rewrites, then important exceptions, important rules,
/// exceptions, rules; among entries of which the longest name decides, that one, unless a rule of the other kind decided before. Lives on the stack.
/// </summary>
internal ref struct ListVerdict(IListEntries entries, ReadOnlySpan<byte> name, RecordType type, ref readonly FlowFacts flow)
{
    private readonly ReadOnlySpan<byte> _name = name;
    private readonly ref readonly FlowFacts _flow = ref flow;
    private ListMatch _rewrite;
    private ListMatch _important;
    private ListMatch _plain;
    private ListMatch _longest;
    private string? _rewriteText;
    private string? _cancelledRewrite;
    private bool _isNever;
    private bool _isNotRewritten;
    private bool _isImportantException;
    private bool _isException;
    private bool _isLongestKnown;
    private bool _isExactKnown;

    /// <summary>Takes an entry that covers the name; those with longer names come first.</summary>
    public void Take(EntryFlags flags, EntryDetail? detail, int entry)
    {
        if ((flags & EntryFlags.Cancelled) != 0 || (detail is not null && !detail.Holds(_name, type, _flow)))
        {
            return;
        }

        if ((flags & EntryFlags.Exception) != 0 || detail?.LetsPass(_flow) == true)
        {
            TakeException(flags, detail);
        }
        else if ((flags & EntryFlags.LongestWins) != 0)
        {
            if (IsLongest(flags))
            {
                _longest = new ListMatch(entries, entry, detail?.Answer);
            }
        }
        else if (detail is { IsRewrite: true })
        {
            _rewriteText ??= detail.Text;
            Set(ref _rewrite, detail, entry);
        }
        else if ((flags & EntryFlags.Important) != 0)
        {
            Set(ref _important, detail, entry);
        }
        else
        {
            Set(ref _plain, detail, entry);
        }
    }

    /// <summary>Whether the list must not match the name, whatever else it says.</summary>
    public readonly bool IsNever => _isNever;

    /// <summary>Whether an exception had a part in it: what has not matched then must not match by anything that comes after the name.</summary>
    public readonly bool IsException => _isNever || _isImportantException || _isException || _isLongestKnown;

    /// <summary>Whether the list matches, and by which entry.</summary>
    public readonly bool TryDecide(out ListMatch match)
    {
        match = _isNever ? default
            : _rewrite.IsMatch && !_isNotRewritten && _rewriteText != _cancelledRewrite ? _rewrite
            : _isImportantException ? default
            : _important.IsMatch ? _important
            : _isException ? default
            : _plain.IsMatch ? _plain
            : _longest;
        return match.IsMatch;
    }

    private void TakeException(EntryFlags flags, EntryDetail? detail)
    {
        if ((flags & EntryFlags.Always) != 0)
        {
            _isNever = true;
        }
        else if ((flags & EntryFlags.LongestWins) != 0)
        {
            if (IsLongest(flags))
            {
                _longest = default;
            }
        }
        else if (detail is { IsRewrite: true })
        {
            _isNotRewritten |= detail.Answer is null;
            _cancelledRewrite ??= detail.Answer is null ? null : detail.Text;
        }
        else if ((flags & EntryFlags.Important) != 0)
        {
            _isImportantException = true;
        }
        else
        {
            _isException = true;
        }
    }

    /// <summary>Whether an entry decides by its name: the first does, as the longest names come first, and one for exactly the name before one that covers more.</summary>
    private bool IsLongest(EntryFlags flags)
    {
        var isExact = (NameScope)(flags & EntryFlags.ScopeMask) == NameScope.Exact;
        var decides = !_isLongestKnown || (isExact && !_isExactKnown);
        _isLongestKnown = true;
        _isExactKnown |= isExact;
        return decides;
    }

    private readonly void Set(ref ListMatch place, EntryDetail? detail, int entry)
    {
        if (!place.IsMatch)
        {
            place = new ListMatch(entries, entry, detail?.Answer);
        }
    }
}
