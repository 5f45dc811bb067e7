using System.Text;
using DnsFlow.Names;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Lists.Syntaxes;

/// <summary>Reads unbound's settings. Data are added at the end, when it is known which zones they are for.</summary>
internal sealed class UnboundReader(ListBuilder list) : IListReader
{
    private static readonly EntryDetail s_noData = AnswerDetails.Kind(ListAnswerKind.NoData, "nodata");
    private static readonly EntryDetail s_refused = AnswerDetails.Kind(ListAnswerKind.Refused, "refused");
    private static readonly EntryDetail s_drop = AnswerDetails.Kind(ListAnswerKind.Drop, "drop");

    private readonly byte[] _name = new byte[WireName.MaxLength];
    private readonly Dictionary<string, int> _redirects = new(StringComparer.Ordinal);
    private readonly List<(int Line, string Record)> _data = [];
    private int _line;

    public void Read(ReadOnlySpan<byte> line)
    {
        _line = list.Line;
        line = Words.WithoutComment(line);
        if (line.StartsWith("local-zone:"u8))
        {
            ReadZone(line["local-zone:"u8.Length..]);
        }
        else if (line.StartsWith("local-data:"u8))
        {
            KeepData(line["local-data:"u8.Length..].Trim(" \t"u8));
        }
        else if (!line.IsEmpty && !line.SequenceEqual("server:"u8))
        {
            list.Skip(SkipReason.ServerSetting);
        }
    }

    public void End()
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (line, record) in _data)
        {
            list.BeginLine(line);
            AddData(record, used);
        }

        foreach (var (zone, line) in _redirects.Where(zone => !used.Contains(zone.Key)))
        {
            list.BeginLine(line);
            Add(Encoding.ASCII.GetBytes(zone), NameScope.AtAndBelow, EntryFlags.LongestWins, s_noData);
        }
    }

    private void ReadZone(ReadOnlySpan<byte> rest)
    {
        var name = Words.Take(ref rest).Trim((byte)'"');
        var type = Encoding.ASCII.GetString(Words.Take(ref rest).Trim((byte)'"'));
        switch (type)
        {
            case "static" or "always_nxdomain" or "always_null":
                Add(name, NameScope.AtAndBelow, EntryFlags.LongestWins, null);
                break;
            case "always_nodata":
                Add(name, NameScope.AtAndBelow, EntryFlags.LongestWins, s_noData);
                break;
            case "refuse" or "always_refuse":
                Add(name, NameScope.AtAndBelow, EntryFlags.LongestWins, s_refused);
                break;
            case "deny" or "always_deny" or "inform_deny":
                Add(name, NameScope.AtAndBelow, EntryFlags.LongestWins, s_drop);
                break;
            case "redirect" or "inform_redirect" when ListNames.Read(name, _name, out _) is null && _redirects.Count < ListLimits.MaxDetails:
                _redirects.TryAdd(Key(name), _line);
                break;
            case "transparent" or "typetransparent" or "always_transparent" or "nodefault" or "inform":
                Add(name, NameScope.AtAndBelow, EntryFlags.LongestWins | EntryFlags.Exception, null);
                break;
            default:
                list.Skip(SkipReason.NotBlocking);
                break;
        }
    }

    private void KeepData(ReadOnlySpan<byte> record)
    {
        if (_data.Count == ListLimits.MaxDetails || record.Length < 2)
        {
            list.Skip(SkipReason.BadRecord);
            return;
        }

        var isQuoted = record[0] == record[^1] && record[0] is (byte)'"' or (byte)'\'';
        _data.Add((_line, Encoding.UTF8.GetString(isQuoted ? record[1..^1] : record)));
    }

    private void AddData(string record, HashSet<string> used)
    {
        if (!RecordLine.TryRead(record, out var owner, out var type, out var rdata, out var text))
        {
            list.Skip(SkipReason.BadRecord);
            return;
        }

        var name = Encoding.ASCII.GetBytes(owner);
        var isRedirect = _redirects.ContainsKey(Key(name));
        if (isRedirect)
        {
            used.Add(Key(name));
        }

        Add(name, isRedirect ? NameScope.AtAndBelow : NameScope.Exact, EntryFlags.LongestWins, AnswerDetails.Record(type, rdata, text));
    }

    private void Add(ReadOnlySpan<byte> name, NameScope scope, EntryFlags flags, EntryDetail? detail)
    {
        if (name.SequenceEqual("."u8))
        {
            list.Skip(SkipReason.CoversEverything);
        }
        else if (ListNames.Read(name, _name, out var length) is { } reason)
        {
            list.Skip(reason);
        }
        else
        {
            list.Add(_name.AsSpan(0, length), scope, flags, detail);
        }
    }

    private static string Key(ReadOnlySpan<byte> name) => Encoding.ASCII.GetString(name).TrimEnd('.').ToLowerInvariant();
}
