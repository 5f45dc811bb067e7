namespace DnsFlow.Lists;

/// <summary>Reads one file of its syntax into a list. Never throws, whatever the lines are.</summary>
internal interface IListReader
{
    /// <summary>Reads a line, blanks at its beginning included.</summary>
    void Read(ReadOnlySpan<byte> line);

    /// <summary>Ends the file.</summary>
    void End();
}
