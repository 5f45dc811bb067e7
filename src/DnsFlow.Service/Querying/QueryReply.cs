using DnsFlow.Protocol;

namespace DnsFlow.Service.Querying;

/// <summary>A response and how it came.</summary>
/// <param name="Message">The response; null when none came.</param>
/// <param name="Length">Its length in octets.</param>
/// <param name="OverTcp">Whether it came over TCP.</param>
/// <param name="Error">Why none came.</param>
internal readonly record struct QueryReply(DnsMessage? Message, int Length, bool OverTcp, string Error)
{
    /// <summary>No response.</summary>
    public static QueryReply None(string error) => new(null, 0, false, error);
}
