using DnsFlow.Protocol;

namespace DnsFlow.Queries;

/// <summary>One record that an entry of a list answers with; its owner is the name that was asked.</summary>
/// <param name="Type">The type.</param>
/// <param name="Rdata">The RDATA, names uncompressed.</param>
/// <param name="IsBelowTarget">For a CNAME: the asked name is put in front of the target, as a response policy zone's <c>CNAME *.garden.example.</c> asks for.</param>
public sealed record ListRecord(RecordType Type, ReadOnlyMemory<byte> Rdata, bool IsBelowTarget = false);
