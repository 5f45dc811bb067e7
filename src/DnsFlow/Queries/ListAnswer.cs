using System.Collections.Immutable;
using DnsFlow.Protocol;

namespace DnsFlow.Queries;

/// <summary>
/// What an entry of a list wants to be answered, where the list says so: a rewrite, a policy action, an address. Entries that only block have none.
/// Immutable; one object is shared by all entries that say the same.
/// </summary>
/// <param name="Kind">What kind of answer.</param>
/// <param name="Records">The records, for <see cref="ListAnswerKind.Records"/>.</param>
public sealed record ListAnswer(ListAnswerKind Kind, ImmutableArray<ListRecord> Records)
{
    /// <summary>An answer without records.</summary>
    public static ListAnswer Of(ListAnswerKind kind) => new(kind, []);

    /// <summary>Whether <paramref name="record"/> answers a question of this type.</summary>
    public static bool Answers(ListRecord record, RecordType type) => record.Type == type || record.Type == RecordType.CNAME || type == RecordType.ANY;
}
