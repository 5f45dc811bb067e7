using DnsFlow.Upstreams;

namespace DnsFlow.Tests.Upstreams;

/// <summary>Takes the result of a transaction and notices a second one.</summary>
internal sealed class TestOwner : ITransactionOwner
{
    private readonly TaskCompletionSource<UpstreamResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _calls;

    public int Calls => Volatile.Read(ref _calls);

    public bool IsDone => _result.Task.IsCompleted;

    public Task<UpstreamResult> Result => _result.Task.WaitAsync(TimeSpan.FromSeconds(10));

    public void Complete(long token, in UpstreamResult result)
    {
        Interlocked.Increment(ref _calls);
        _result.TrySetResult(result);
    }
}
