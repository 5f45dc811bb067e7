namespace DnsFlow.Upstreams;

/// <summary>Gets the responses of forwarded queries: a stream flow's copier. Called on a shard's thread; must neither block nor throw.</summary>
internal interface IForwardReceiver
{
    /// <summary>The response to a request that was taken.</summary>
    void Deliver(ForwardRequest request, in ForwardedResponse response);
}
