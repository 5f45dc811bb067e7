using System.Text;

namespace DnsFlow.Server.QueryLogs;

/// <summary>Keeps the last lines of the query log in memory, up to so many octets.</summary>
internal sealed class QueryLogMemory(long maxBytes) : IQueryLogSink
{
    private const int LineOverhead = 40;

    private readonly Lock _lock = new();
    private readonly LinkedList<byte[]> _lines = [];
    private long _bytes;

    /// <summary>How many octets the lines take.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock)
            {
                return _bytes;
            }
        }
    }

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> lines)
    {
        lock (_lock)
        {
            foreach (var range in lines.TrimEnd((byte)'\n').Split((byte)'\n'))
            {
                var line = lines[range].ToArray();
                _lines.AddFirst(line);
                _bytes += Cost(line);
            }

            while (_bytes > maxBytes)
            {
                _bytes -= Cost(_lines.Last!.Value);
                _lines.RemoveLast();
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Last(int max)
    {
        lock (_lock)
        {
            return [.. _lines.Take(max).Select(Encoding.UTF8.GetString)];
        }
    }

    // An array and a node of the list.
    private static int Cost(byte[] line) => line.Length + (2 * LineOverhead);
}
