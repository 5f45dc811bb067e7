using DnsFlow.Names;
using DnsFlow.Protocol;

namespace DnsFlow.Lists;

/// <summary>Writes entries as people read them.</summary>
internal static class EntryText
{
    /// <summary>A record as a pattern (<c>x.example</c>, <c>=x.example</c>, <c>*.x.example</c>), with <c>@@</c> before an exception and its detail behind.</summary>
    public static string Print(ReadOnlySpan<byte> record, EntryDetail? detail)
    {
        var flags = ListRecords.Flags(record);
        var wire = record[ListRecords.NameOffset(flags)..];
        var name = NameText.Print(wire[..WireName.Measure(wire, 0)]);
        var scope = (NameScope)(flags & EntryFlags.ScopeMask) switch
        {
            NameScope.Exact => "=",
            NameScope.Below => "*.",
            _ => "",
        };
        var text = (flags & EntryFlags.Exception) != 0 ? "@@" + scope : scope;
        text += name.Length > 1 ? name[..^1] : name;
        return detail is { Text.Length: > 0 } ? $"{text} {detail.Text}" : text;
    }
}
