namespace DnsFlow.Protocol;

/// <summary>OPCODE values (RFC 6895 section 2.2). Range 0 to 15.</summary>
public enum OpCode : byte
{
#pragma warning disable CS1591 // The mnemonics are their own documentation (IANA "DNS OpCodes").
    Query = 0,
    IQuery = 1,
    Status = 2,
    Notify = 4,
    Update = 5,
    Dso = 6,
#pragma warning restore CS1591
}
