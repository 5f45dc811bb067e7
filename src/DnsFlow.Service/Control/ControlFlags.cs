using System.CommandLine;
using DnsFlow.Service.Commands;

namespace DnsFlow.Service.Control;

/// <summary>The flags of the commands that speak to a running proxy.</summary>
internal sealed class ControlFlags
{
    private readonly Option<string?> _socket = new("--socket")
    {
        HelpName = "PATH",
        Description = "The control socket of the proxy, or http://ADDRESS:PORT; the one of this machine's service if not given.",
    };

    private readonly Option<string?> _tokenFile = new("--token-file") { HelpName = "FILE", Description = "The token for an HTTP address." };

    /// <summary>Makes a command that asks a running proxy.</summary>
    public Command Create(string name, string description, ProgramContext context, Func<ParseResult, ControlClient, CancellationToken, Task<int>> run)
    {
        var command = new Command(name, description) { _socket, _tokenFile };
        command.SetAction((parsed, cancellation) => WithClientAsync(parsed, context, client => run(parsed, client, cancellation)));
        return command;
    }

    /// <summary>Adds the flags to a command that has other uses, too.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_socket);
        command.Options.Add(_tokenFile);
    }

    /// <summary>Whether they say which proxy is meant.</summary>
    public bool IsGiven(ParseResult parsed) => parsed.GetValue(_socket) is not null;

    /// <summary>Runs something with the client that the flags ask for.</summary>
    public async Task<int> WithClientAsync(ParseResult parsed, ProgramContext context, Func<ControlClient, Task<int>> run)
    {
        using var client = ControlClient.Create(ControlTarget.Of(parsed.GetValue(_socket), parsed.GetValue(_tokenFile)), context, out var error);
        if (client is not null)
        {
            return await run(client);
        }

        await context.Error.WriteLineAsync("dnsflow: " + error);
        return ExitCode.Unavailable;
    }
}
