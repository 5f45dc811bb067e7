namespace DnsFlow.Upstreams;

/// <summary>Takes queries of the service plane over to a shard.</summary>
internal interface IQueryForwarder
{
    /// <summary>Hands a request over; false when the queue is full (the caller sheds the query). Any thread.</summary>
    bool TryForward(ForwardRequest request);
}
