using DnsFlow.Transports;
using DnsFlow.Upstreams;

namespace DnsFlow.Shards;

/// <summary>A connected socket towards one server, on a port the kernel picked, used for a few questions and then replaced.</summary>
internal sealed class UpstreamSocket(IDatagramSocket socket, Upstream server, long openedAt)
{
    /// <summary>How many questions leave by one port at most.</summary>
    public const int MaxUses = 64;

    /// <summary>The questions that left by it; those that are over by now are recognised by their slot.</summary>
    private readonly int[] _questions = new int[MaxUses];

    /// <summary>The socket.</summary>
    public IDatagramSocket Socket { get; } = socket;

    /// <summary>Whom it is connected to.</summary>
    public Upstream Server { get; } = server;

    /// <summary>When it was opened, in microseconds.</summary>
    public long OpenedAt { get; } = openedAt;

    /// <summary>How many questions have left by it.</summary>
    public int Uses { get; private set; }

    /// <summary>How many of them may still get their reply here.</summary>
    public int Outstanding { get; set; }

    /// <summary>Set when no new question leaves by it; it is closed with its last outstanding question.</summary>
    public bool IsRetired { get; set; }

    /// <summary>All questions that left by it.</summary>
    public ReadOnlySpan<int> Questions => _questions.AsSpan(0, Uses);

    /// <summary>One more question leaves by it.</summary>
    public void Use(int pending)
    {
        _questions[Uses++] = pending;
        Outstanding++;
    }
}
