using System.Runtime.InteropServices;
using System.Text;
using DnsFlow.Names;
using DnsFlow.Protocol;

namespace DnsFlow.Lists.Syntaxes;

/// <summary>Reads a response policy zone.</summary>
internal sealed class RpzReader(ListBuilder list) : IListReader
{
    private const int MaxRecord = 64 << 10;

    private readonly byte[] _name = new byte[WireName.MaxLength];
    private readonly StringBuilder _open = new();
    private readonly List<PresentationToken> _words = [];
    private readonly RpzOrigin _origin = new();
    private string _owner = "";
    private int _parentheses;

    public void Read(ReadOnlySpan<byte> line)
    {
        line = line.TrimEnd(" \t"u8);
        if (_open.Length == 0 && (line.IsEmpty || line[0] == ';'))
        {
            return;
        }

        var text = Encoding.UTF8.GetString(line);
        _parentheses += Depth(text);
        if (_parentheses <= 0 && _open.Length == 0)
        {
            ReadRecord(text);
        }
        else if (_open.Length < MaxRecord)
        {
            _open.Append(text).Append('\n');
        }

        if (_parentheses <= 0)
        {
            EndOpen();
        }
    }

    public void End() => EndOpen();

    private void EndOpen()
    {
        _parentheses = 0;
        if (_open.Length > 0)
        {
            ReadRecord(_open.ToString());
            _open.Clear();
        }
    }

    private void ReadRecord(string text)
    {
        _words.Clear();
        if (!PresentationToken.TrySplit(text, _words))
        {
            list.Skip(SkipReason.BadRecord);
            return;
        }

        var words = CollectionsMarshal.AsSpan(_words);
        if (words.IsEmpty)
        {
            return;
        }

        if (text[0] == '$')
        {
            ReadDirective(words);
            return;
        }

        if (text[0] is not (' ' or '\t'))
        {
            _owner = words[0].Span.ToString();
            words = words[1..];
        }

        if (!RecordLine.TryReadType(words, out var type, out var fields))
        {
            list.Skip(SkipReason.BadRecord);
        }
        else
        {
            ReadRecord(type, fields);
        }
    }

    private void ReadDirective(ReadOnlySpan<PresentationToken> words)
    {
        if (words[0].Span.Equals("$ORIGIN", StringComparison.OrdinalIgnoreCase) && words.Length > 1)
        {
            _origin.Set(words[1].Span.ToString());
        }
        else if (!words[0].Span.Equals("$TTL", StringComparison.OrdinalIgnoreCase))
        {
            list.Skip(SkipReason.ServerSetting);
        }
    }

    private void ReadRecord(RecordType type, ReadOnlySpan<PresentationToken> fields)
    {
        if (type == RecordType.SOA)
        {
            _origin.SetApex(_owner);
        }

        var trigger = _origin.Trigger(_owner);
        if (trigger.Length == 0 || type is RecordType.SOA or RecordType.NS or RecordType.DNSKEY or RecordType.RRSIG or RecordType.NSEC)
        {
            list.Skip(SkipReason.ZoneData);
        }
        else if (RpzActions.Read(type, fields, trigger, out var isException) is { } action)
        {
            Add(trigger, isException ? EntryFlags.LongestWins | EntryFlags.Exception : EntryFlags.LongestWins, isException ? null : action);
        }
        else
        {
            list.Skip(SkipReason.BadRecord);
        }
    }

    private void Add(string trigger, EntryFlags flags, EntryDetail? action)
    {
        const string ClientSuffix = ".rpz-client-ip";
        if (trigger.EndsWith(ClientSuffix, StringComparison.OrdinalIgnoreCase))
        {
            if (RpzAddress.TryRead(trigger[..^ClientSuffix.Length], out var clients))
            {
                list.AddClient(clients, flags, action ?? RpzActions.PassThrough, trigger);
                return;
            }

            list.Skip(SkipReason.BadTrigger);
            return;
        }

        if (trigger.EndsWith(".rpz-ip", StringComparison.OrdinalIgnoreCase) || trigger.EndsWith(".rpz-nsdname", StringComparison.OrdinalIgnoreCase)
            || trigger.EndsWith(".rpz-nsip", StringComparison.OrdinalIgnoreCase))
        {
            list.Skip(SkipReason.AnswerTrigger);
            return;
        }

        AddName(trigger, flags, action);
    }

    private void AddName(string trigger, EntryFlags flags, EntryDetail? action)
    {
        var isBelow = trigger.StartsWith("*.", StringComparison.Ordinal);
        var name = isBelow ? trigger[2..] : trigger;
        if (name == "*")
        {
            list.Skip(SkipReason.CoversEverything);
        }
        else if (ListNames.Read(Encoding.UTF8.GetBytes(name), _name, out var length) is { } reason)
        {
            list.Skip(reason);
        }
        else
        {
            list.Add(_name.AsSpan(0, length), isBelow ? NameScope.Below : NameScope.Exact, flags, action);
        }
    }

    /// <summary>How many parentheses a line opens more than it closes, comments and quoted text aside.</summary>
    private static int Depth(string text)
    {
        var depth = 0;
        var isQuoted = false;
        for (var i = 0; i < text.Length && (isQuoted || text[i] != ';'); i++)
        {
            isQuoted ^= text[i] == '"';
            depth += isQuoted ? 0 : text[i] switch { '(' => 1, ')' => -1, _ => 0 };
            i += text[i] == '\\' ? 1 : 0;
        }

        return depth;
    }
}
