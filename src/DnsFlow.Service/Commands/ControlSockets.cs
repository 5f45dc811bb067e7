using DnsFlow.Service.Endpoints;

namespace DnsFlow.Service.Commands;

/// <summary>The control sockets of a start: those that are configured, or one at the first default place that is free.</summary>
internal sealed class ControlSockets : IDisposable
{
    private readonly List<ControlSocket> _all = [];

    /// <summary>The sockets, ready to be bound.</summary>
    public IReadOnlyList<ControlSocket> All => _all;

    /// <summary>Their files.</summary>
    public IReadOnlyList<string> Paths => [.. _all.Select(static socket => socket.Path)];

    /// <summary>Takes them. <paramref name="error"/> says why a configured one cannot be bound; at the default places there may be none at all.</summary>
    public static ControlSockets Open(CheckedStart start, ProgramContext context, out string? error)
    {
        var sockets = new ControlSockets();
        error = null;
        foreach (var path in start.Endpoints.Select(static endpoint => endpoint.Socket).OfType<string>())
        {
            if (ControlSocket.TryTake(path, out error) is not { } bound)
            {
                return sockets;
            }

            sockets._all.Add(bound);
        }

        if (sockets._all.Count == 0 && start.Stats.ControlSocket && start.Endpoints.Count > 0)
        {
            sockets._all.AddRange(ControlSocket.Places(context.Variable, context.SystemRuntimeFolder)
                .Select(static path => ControlSocket.TryTake(path, out _)).OfType<ControlSocket>().Take(1));
        }

        return sockets;
    }

    /// <summary>The HTTP server has begun to listen.</summary>
    public void Protect() => _all.ForEach(static socket => socket.Protect());

    /// <inheritdoc/>
    public void Dispose() => _all.ForEach(static socket => socket.Dispose());
}
