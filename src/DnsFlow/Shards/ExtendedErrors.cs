using DnsFlow.Protocol;
using DnsFlow.Upstreams;

namespace DnsFlow.Shards;

/// <summary>What a client is told about a failed question (RFC 8914).</summary>
internal static class ExtendedErrors
{
    /// <summary>The extended error for an upstream error.</summary>
    public static ExtendedErrorCode Of(UpstreamError error) => error switch
    {
        UpstreamError.Timeout or UpstreamError.AllDown => ExtendedErrorCode.NoReachableAuthority,
        UpstreamError.BadResponse => ExtendedErrorCode.InvalidData,
        UpstreamError.Abandoned => ExtendedErrorCode.NotReady,
        UpstreamError.BudgetSpent => ExtendedErrorCode.NotReady,
        _ => ExtendedErrorCode.NetworkError,
    };
}
