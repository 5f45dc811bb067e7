using System.Net;
using System.Net.Sockets;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Lists.Syntaxes;

/// <summary>Details that several syntaxes have.</summary>
internal static class AnswerDetails
{
    /// <summary>Answers with an address.</summary>
    public static EntryDetail Address(IPAddress address) =>
        Record(address.AddressFamily == AddressFamily.InterNetwork ? RecordType.A : RecordType.AAAA, address.GetAddressBytes(), address.ToString());

    /// <summary>Answers with a record.</summary>
    public static EntryDetail Record(RecordType type, byte[] rdata, string text) => new()
    {
        Text = $"{type.ToText()} {text}",
        Answer = new ListAnswer(ListAnswerKind.Records, [new ListRecord(type, rdata)]),
    };

    /// <summary>Answers without records.</summary>
    public static EntryDetail Kind(ListAnswerKind kind, string text) => new() { Text = text, Answer = ListAnswer.Of(kind), OnlyDatagrams = kind == ListAnswerKind.Truncate };
}
