using DnsFlow.Protocol;

namespace DnsFlow.Policy.Actions;

/// <summary>The encoded records of one type, owned by the name at offset 12.</summary>
/// <param name="Type">The type.</param>
/// <param name="Count">How many records.</param>
/// <param name="Records">Their octets.</param>
internal sealed record RecordSet(RecordType Type, ushort Count, byte[] Records)
{
    /// <summary>This set with one record more.</summary>
    public RecordSet With(byte[] record) => new(Type, (ushort)(Count + 1), [.. Records, .. record]);
}
