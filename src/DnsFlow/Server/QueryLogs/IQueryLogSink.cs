namespace DnsFlow.Server.QueryLogs;

/// <summary>Where lines of the query log go. Called by one thread.</summary>
internal interface IQueryLogSink
{
    /// <summary>Takes whole lines.</summary>
    /// <exception cref="IOException">They cannot be written now.</exception>
    void Write(ReadOnlySpan<byte> lines);

    /// <summary>The last lines, the newest first, as far as they are kept here. Any thread.</summary>
    IReadOnlyList<string> Last(int max);
}
