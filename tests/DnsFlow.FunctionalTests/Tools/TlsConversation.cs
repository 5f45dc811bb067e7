namespace DnsFlow.FunctionalTests.Tools;

/// <summary>What passed on one TLS connection.</summary>
internal sealed class TlsConversation
{
    private const int PreSharedKey = 41, SupportedVersions = 43, SessionId = 38;

    public TlsRecords FromClient { get; } = new();

    public TlsRecords FromServer { get; } = new();

    public CancellationTokenSource Cut { get; } = new();

    /// <summary>Whether the server took up an earlier session: in TLS 1.3 it chose the client's pre-shared key, before that it repeated the session's ID.</summary>
    public bool IsResumed
    {
        get
        {
            var (asked, answered) = (Hello(FromClient), Hello(FromServer));
            var extensions = Extensions(answered);
            return extensions.Contains(SupportedVersions) ? extensions.Contains(PreSharedKey) : Session(answered) is { Length: > 0 } session && session.SequenceEqual(Session(asked));
        }
    }

    /// <summary>Whether the client said that it closes (close_notify) before it did.</summary>
    public bool IsClosedInOrder => FromClient is { IsEnded: true, EndsWithAlert: true };

    private static byte[] Hello(TlsRecords records) => records.First is var record && record.Length > SessionId ? record[..(4 + (record[2] << 8) + record[3])]
        : throw new InvalidOperationException("There was no Hello.");

    // After the type and length of the message: the version, 32 octets, the ID, the cipher suite, the compression.
    private static byte[] Session(byte[] hello) => hello[(SessionId + 1)..(SessionId + 1 + hello[SessionId])];

    private static List<int> Extensions(byte[] serverHello)
    {
        var found = new List<int>();
        for (var at = SessionId + 1 + serverHello[SessionId] + 5; at + 4 <= serverHello.Length; at += 4 + ((serverHello[at + 2] << 8) | serverHello[at + 3]))
        {
            found.Add((serverHello[at] << 8) | serverHello[at + 1]);
        }

        return found;
    }
}
