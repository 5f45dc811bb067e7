namespace DnsFlow.Upstreams;

/// <summary>Who began a transaction and takes its result: a shard. Called from any thread; must not block.</summary>
internal interface ITransactionOwner
{
    /// <summary>The service plane is done with the transaction that was begun under <paramref name="token"/>.</summary>
    void Complete(long token, in UpstreamResult result);
}
