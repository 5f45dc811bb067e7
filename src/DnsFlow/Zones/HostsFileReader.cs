using System.Net;
using System.Net.Sockets;
using System.Text;
using DnsFlow.Protocol;

namespace DnsFlow.Zones;

/// <summary>
/// Reads hosts files: <c>ADDRESS NAME [NAME...] [# comment]</c>. Every name gets an A or AAAA record; every address that is not the wildcard gets, unless that is switched off, one
/// PTR record, with the first name of the first line that has it. Addresses with a zone (<c>fe80::1%eth0</c>) mean nothing in the DNS and are passed over.
/// </summary>
internal static class HostsFileReader
{
    /// <summary>The TTL of the records in seconds: short, as such files are edited by hand.</summary>
    public const uint Ttl = 300;

    /// <summary>The most records made of one file.</summary>
    public const int MaxRecords = 4_000_000;

    /// <summary>Reads a file's content; false when <paramref name="errors"/> got something.</summary>
    public static bool TryRead(string file, ReadOnlyMemory<byte> content, ZoneErrors errors, out List<ZoneRecord> records, bool reverse = true)
    {
        records = [];
        if (!ZoneFileContent.TryPrepare(content, file, errors, out var text))
        {
            return false;
        }

        var reversed = new HashSet<IPAddress>();
        var number = 0;
        foreach (var range in text.Span.Split((byte)'\n'))
        {
            number++;
            var line = text.Span[range];
            var comment = line.IndexOf((byte)'#');
            var words = Encoding.Latin1.GetString(comment < 0 ? line : line[..comment])
                .Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 0)
            {
                ReadLine(words, file, number, reverse ? reversed : null, records, errors);
            }

            if (records.Count > MaxRecords)
            {
                errors.Add(file, number, $"the file makes more than {MaxRecords:N0} records, the most that are kept");
            }

            if (errors.IsFull || records.Count > MaxRecords)
            {
                break;
            }
        }

        return !errors.Any;
    }

    private static void ReadLine(
        string[] words, string file, int line, HashSet<IPAddress>? reversed, List<ZoneRecord> records, ZoneErrors errors)
    {
        if (!IPAddress.TryParse(words[0], out var address) || !IsAddressText(words[0], address))
        {
            errors.Add(file, line, $"'{words[0]}' is not an address; a line is: ADDRESS NAME [NAME...] [# comment]");
            return;
        }

        if (words.Length == 1)
        {
            errors.Add(file, line, $"address {words[0]} has no name; a line is: ADDRESS NAME [NAME...] [# comment]");
            return;
        }

        if (words[0].Contains('%', StringComparison.Ordinal))
        {
            return;
        }

        var type = address.AddressFamily == AddressFamily.InterNetwork ? RecordType.A : RecordType.AAAA;
        foreach (var word in words.AsSpan(1))
        {
            if (!DomainName.TryParse(word, DomainName.Root, out var parsed, out var error) || parsed.IsRoot)
            {
                errors.Add(file, line, $"'{word}' is not a host name: {error ?? "it is the root"}");
                continue;
            }

            var name = new byte[parsed.Length];
            WireName.ToLower(parsed.Wire, name);
            records.Add(new ZoneRecord(name, type, Ttl, address.GetAddressBytes(), file, line));
            if (!IsWildcard(address) && reversed?.Add(address) == true)
            {
                records.Add(new ZoneRecord(ReverseName.Of(address), RecordType.PTR, Ttl, name, file, line));
            }
        }
    }

    private static bool IsWildcard(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    /// <summary>Four decimal numbers, or an IPv6 address without brackets: not the octal, hexadecimal and short forms that the framework also reads.</summary>
    private static bool IsAddressText(string text, IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork
        ? text == address.ToString()
        : text[0] != '[';
}
