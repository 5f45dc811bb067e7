namespace DnsFlow.Protocol;

/// <summary>What is asked: a name, a type and a class (RFC 1035 section 4.1.2).</summary>
/// <param name="Name">QNAME.</param>
/// <param name="Type">QTYPE.</param>
/// <param name="Class">QCLASS.</param>
public sealed record Question(DomainName Name, RecordType Type, RecordClass Class = RecordClass.IN)
{
    /// <summary>Name, class and type, with tabs between.</summary>
    public override string ToString() => $"{Name}\t{Class.ToText()}\t{Type.ToText()}";
}
