namespace DnsFlow.Transports.Https;

/// <summary>The header of an HTTP/2 frame (RFC 9113 section 4.1).</summary>
/// <param name="Type">What it is.</param>
/// <param name="Flags">Its flags.</param>
/// <param name="Stream">The stream it is of; 0 = the connection.</param>
/// <param name="Length">Octets that follow.</param>
internal readonly record struct Http2Frame(byte Type, byte Flags, int Stream, int Length)
{
    /// <summary>The types that are told apart here.</summary>
    public const byte Data = 0, Headers = 1, Reset = 3, Settings = 4, Ping = 6;

    private const byte FirstFlag = 1;

    /// <summary>Whether its side sends nothing more on the stream.</summary>
    public bool EndsStream => Type is Data or Headers && (Flags & FirstFlag) != 0;

    /// <summary>Whether it confirms one of the other side's.</summary>
    public bool IsAcknowledgement => Type is Settings or Ping && (Flags & FirstFlag) != 0;
}
