using DnsFlow.Protocol;

namespace DnsFlow.Zones;

/// <summary>One record as a zone or hosts file states it; class IN.</summary>
/// <param name="Owner">The owner in wire form, lower case.</param>
/// <param name="Type">The type.</param>
/// <param name="Ttl">The TTL in seconds, 0 to 2^31 - 1.</param>
/// <param name="Data">The RDATA in wire form, names not compressed.</param>
/// <param name="File">The file it stands in.</param>
/// <param name="Line">The line where it begins.</param>
internal readonly record struct ZoneRecord(byte[] Owner, RecordType Type, uint Ttl, byte[] Data, string File, int Line);
