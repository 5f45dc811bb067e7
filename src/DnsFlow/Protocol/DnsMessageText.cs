using System.Globalization;
using System.Text;

namespace DnsFlow.Protocol;

/// <summary>A message for people, in the manner of <c>dig</c>. Names and strings are escaped, so control characters never reach a terminal.</summary>
internal static class DnsMessageText
{
    private static readonly (ushort Bit, string Name)[] s_flags =
    [
        (DnsHeader.ResponseBit, "qr"), (DnsHeader.AuthoritativeBit, "aa"), (DnsHeader.TruncatedBit, "tc"),
        (DnsHeader.RecursionDesiredBit, "rd"), (DnsHeader.RecursionAvailableBit, "ra"),
        (DnsHeader.AuthenticDataBit, "ad"), (DnsHeader.CheckingDisabledBit, "cd"),
    ];

    public static string Print(DnsMessage message)
    {
        var text = new StringBuilder();
        PrintHeader(message, text);
        if (message.Edns is { } edns)
        {
            PrintEdns(edns, text);
        }

        if (message.Questions.Count > 0)
        {
            text.Append("\n;; QUESTION SECTION:\n");
            foreach (var question in message.Questions)
            {
                text.Append(';').Append(question).Append('\n');
            }
        }

        PrintSection("ANSWER", message.Answer, text);
        PrintSection("AUTHORITY", message.Authority, text);
        PrintSection("ADDITIONAL", message.Additional, text);
        return text.ToString();
    }

    private static void PrintHeader(DnsMessage message, StringBuilder text)
    {
        var flags = string.Join(' ', s_flags.Where(flag => (message.Flags & flag.Bit) != 0).Select(flag => flag.Name));
        var additional = message.Additional.Count + (message.Edns is null ? 0 : 1);
        text.Append(CultureInfo.InvariantCulture, $";; ->>HEADER<<- opcode: {message.OpCode.ToText()}, status: {message.ResponseCode.ToText()}, id: {message.Id}\n");
        text.Append(CultureInfo.InvariantCulture, $";; flags: {flags}; QUERY: {message.Questions.Count}, ANSWER: {message.Answer.Count}, ");
        text.Append(CultureInfo.InvariantCulture, $"AUTHORITY: {message.Authority.Count}, ADDITIONAL: {additional}\n");
    }

    private static void PrintEdns(Edns edns, StringBuilder text)
    {
        text.Append("\n;; OPT PSEUDOSECTION:\n");
        text.Append(CultureInfo.InvariantCulture, $"; EDNS: version: {edns.Version}, flags:{(edns.DnssecOk ? " do" : "")}; udp: {edns.UdpPayloadSize}\n");
        foreach (var option in edns.Options)
        {
            text.Append("; ").Append(option).Append('\n');
        }
    }

    private static void PrintSection(string name, IReadOnlyList<ResourceRecord> records, StringBuilder text)
    {
        if (records.Count == 0)
        {
            return;
        }

        text.Append("\n;; ").Append(name).Append(" SECTION:\n");
        foreach (var record in records)
        {
            text.Append(record).Append('\n');
        }
    }
}
