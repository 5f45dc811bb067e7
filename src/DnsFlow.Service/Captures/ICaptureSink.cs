namespace DnsFlow.Service.Captures;

/// <summary>Takes the DNS messages of a capture, in their order.</summary>
internal interface ICaptureSink
{
    /// <summary>One message that went to a DNS port.</summary>
    void Take(in CapturedMessage message);
}
