using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Upstreams;

namespace DnsFlow.Shards;

/// <summary>A query that is to be forwarded, as <see cref="QuestionForwarder"/> takes it.</summary>
internal readonly ref struct Question
{
    /// <summary>The query's bytes.</summary>
    public required ReadOnlySpan<byte> Message { get; init; }

    /// <summary>The query, parsed.</summary>
    public required QueryView View { get; init; }

    /// <summary>What makes it identical to another.</summary>
    public required QuestionKey Key { get; init; }

    /// <summary>Who is asked.</summary>
    public required UpstreamGroup Group { get; init; }

    /// <summary>Whether the cache stays out of it.</summary>
    public bool BypassCache { get; init; }

    /// <summary>Whether its bytes go out as they are (a passed flow).</summary>
    public bool IsPassed { get; init; }

    /// <summary>When it came, in microseconds.</summary>
    public required long Now { get; init; }
}
