namespace DnsFlow.Upstreams;

/// <summary>A response that somebody on the service plane awaits.</summary>
internal sealed class AwaitedResponse : IForwardReceiver
{
    private readonly TaskCompletionSource<ForwardedResponse> _response = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the response.</summary>
    public Task<ForwardedResponse> Task => _response.Task;

    /// <inheritdoc/>
    public void Deliver(ForwardRequest request, in ForwardedResponse response) => _response.TrySetResult(response);
}
