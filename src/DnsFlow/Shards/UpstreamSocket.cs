using DnsFlow.Transports;
using DnsFlow.Upstreams;

namespace DnsFlow.Shards;

/// <summary>A connected socket towards one server, on a port the kernel picked, used for a while and then for another port.</summary>
internal sealed class UpstreamSocket(IDatagramSocket socket)
{
    /// <summary>The socket.</summary>
    public IDatagramSocket Socket { get; } = socket;

    /// <summary>Whom it is connected to; of a spare one, whom it was.</summary>
    public Upstream Server { get; private set; } = null!;

    /// <summary>When it got its port, in microseconds.</summary>
    public long OpenedAt { get; private set; }

    /// <summary>How many questions have left by this port.</summary>
    public int Uses { get; private set; }

    /// <summary>How many of them may still get their reply here.</summary>
    public int Outstanding { get; set; }

    /// <summary>Set when no new question leaves by the port; the socket is free with its last outstanding question.</summary>
    public bool IsRetired { get; set; }

    /// <summary>Our part of the DNS cookie for this way to the server; 0 = not made yet.</summary>
    public ulong Cookie { get; set; }

    /// <summary>It has a new port towards a server.</summary>
    public void Begin(Upstream server, long now)
    {
        Server = server;
        OpenedAt = now;
        Uses = 0;
        Cookie = 0;
        IsRetired = false;
    }

    /// <summary>One more question leaves by it.</summary>
    public void Use()
    {
        Uses++;
        Outstanding++;
    }
}
