using System.IO.Pipelines;

namespace DnsFlow.Transports.Https;

/// <summary>Both directions of a connection, the one from the client watched.</summary>
internal sealed class GuardedPipe(IDuplexPipe inner, TimeProvider time, Action<string> onTooMany) : IDuplexPipe
{
    public PipeReader Input { get; } = new FrameGuard(inner.Input, time, onTooMany);

    public PipeWriter Output => inner.Output;
}
