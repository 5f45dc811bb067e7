namespace DnsFlow.Zones;

/// <summary>What is wrong in a zone or hosts file, and where.</summary>
/// <param name="File">The file, as it was named.</param>
/// <param name="Line">The line, from 1; 0 = the file as a whole.</param>
/// <param name="Message">What is wrong and what is allowed.</param>
public readonly record struct ZoneError(string File, int Line, string Message)
{
    /// <summary><c>file:line: message</c>, or <c>file: message</c> when it concerns the whole file.</summary>
    public override string ToString() => Line > 0 ? $"{File}:{Line}: {Message}" : $"{File}: {Message}";
}
