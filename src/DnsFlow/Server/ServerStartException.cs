namespace DnsFlow.Server;

/// <summary>The server could not start; <see cref="Exception.Message"/> is for the person who started it, one line per problem.</summary>
public sealed class ServerStartException : Exception
{
    /// <summary>Makes one.</summary>
    public ServerStartException(ServerStartFailure failure, string message, Exception? inner = null)
        : base(message, inner)
        => Failure = failure;

    /// <summary>Which kind of problem it is.</summary>
    public ServerStartFailure Failure { get; }
}
