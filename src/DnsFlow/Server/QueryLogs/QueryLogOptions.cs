namespace DnsFlow.Server.QueryLogs;

/// <summary>The query log (<c>DnsFlow:Stats:QueryLog</c>).</summary>
public sealed class QueryLogOptions
{
    /// <summary>No query log.</summary>
    public const string Off = "off";

    /// <summary>The last queries are kept in memory and shown at <c>/api/v1/queries</c>.</summary>
    public const string Memory = "memory";

    /// <summary>Every query is a line of a file.</summary>
    public const string File = "file";

    /// <summary>Where queries are noted: <see cref="Off"/>, <see cref="Memory"/> or <see cref="File"/>. Default off.</summary>
    public string Sink { get; set; } = Off;

    /// <summary>The file; relative to the folder of the configuration.</summary>
    public string? Path { get; set; }

    /// <summary>The most octets in memory, or of one file: then it is renamed and a new one begun. Default 16 MiB.</summary>
    public long MaxBytes { get; set; } = 16 << 20;

    /// <summary>How many files are kept beside the one that is written. Default 8.</summary>
    public int Files { get; set; } = 8;
}
