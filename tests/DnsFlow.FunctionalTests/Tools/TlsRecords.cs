namespace DnsFlow.FunctionalTests.Tools;

/// <summary>The TLS records that one side sent, as they can be seen from outside.</summary>
internal sealed class TlsRecords
{
    private const int Alert = 21, ApplicationData = 23, HeaderLength = 5;

    // An alert in TLS 1.3: two octets, its type, and the tag.
    private const int SealedAlertLength = 2 + 1 + 16;

    private readonly List<byte> _rest = [];
    private readonly Lock _lock = new();
    private byte[] _first = [];
    private (int Type, int Length) _last;

    /// <summary>The message of the first record: a Hello.</summary>
    public byte[] First
    {
        get
        {
            lock (_lock)
            {
                return _first;
            }
        }
    }

    /// <summary>Whether the last record is an alert.</summary>
    public bool EndsWithAlert
    {
        get
        {
            lock (_lock)
            {
                return _last.Type == Alert || _last is (ApplicationData, SealedAlertLength);
            }
        }
    }

    /// <summary>Whether that side has closed.</summary>
    public bool IsEnded { get; set; }

    public void Add(ReadOnlySpan<byte> octets)
    {
        lock (_lock)
        {
            _rest.AddRange(octets);
            while (_rest.Count >= HeaderLength && HeaderLength + ((_rest[3] << 8) | _rest[4]) is var length && _rest.Count >= length)
            {
                if (_first.Length == 0)
                {
                    _first = [.. _rest[HeaderLength..length]];
                }

                _last = (_rest[0], length - HeaderLength);
                _rest.RemoveRange(0, length);
            }
        }
    }
}
