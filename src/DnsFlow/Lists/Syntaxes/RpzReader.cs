using System.Net;
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
        if (Of(trigger, ".rpz-client-ip") is { } client)
        {
            AddNetwork(client, network => list.AddClient(network, flags, action ?? RpzActions.PassThrough, trigger));
        }
        else if (Of(trigger, ".rpz-ip") is { } address)
        {
            AddNetwork(address, network => list.AddAnswer(network, flags, action ?? RpzActions.PassThrough, trigger));
        }
        else if (Of(trigger, ".rpz-nsip") is not null)
        {
            list.Skip(SkipReason.ServerAddress);
        }
        else if (Of(trigger, ".rpz-nsdname") is { } server)
        {
            if (TryReadName(server, out var isBelow, out var length))
            {
                list.AddServer(_name.AsSpan(0, length), isBelow, flags, action ?? RpzActions.PassThrough, trigger);
            }
        }
        else if (TryReadName(trigger, out var isBelow, out var length))
        {
            list.Add(_name.AsSpan(0, length), isBelow ? NameScope.Below : NameScope.Exact, flags, action);
        }
    }

    private static string? Of(string trigger, string kind) => trigger.EndsWith(kind, StringComparison.OrdinalIgnoreCase) ? trigger[..^kind.Length] : null;

    private void AddNetwork(string address, Action<IPNetwork> add)
    {
        if (RpzAddress.TryRead(address, out var network))
        {
            add(network);
        }
        else
        {
            list.Skip(SkipReason.BadTrigger);
        }
    }

    private bool TryReadName(string trigger, out bool isBelow, out int length)
    {
        length = 0;
        isBelow = trigger.StartsWith("*.", StringComparison.Ordinal);
        var name = isBelow ? trigger[2..] : trigger;
        var reason = name == "*" ? SkipReason.CoversEverything : ListNames.Read(Encoding.UTF8.GetBytes(name), _name, out length);
        if (reason is not null)
        {
            list.Skip(reason);
        }

        return reason is null;
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
