using System.IO.Compression;

namespace DnsFlow.TestKit;

/// <summary>The folder of real-world data that some tests read, named by the environment variable DNSFLOW_DATA.</summary>
public static class DnsFlowData
{
    /// <summary>The folder, or null when the variable is not set: then such a test has nothing to do and returns.</summary>
    public static string? Folder { get; } = Environment.GetEnvironmentVariable("DNSFLOW_DATA") is { Length: > 0 } folder ? folder : null;

    /// <summary>The lines of a gzip file.</summary>
    public static IEnumerable<string> ReadGzipLines(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }
}
