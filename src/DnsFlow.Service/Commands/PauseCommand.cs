using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using DnsFlow.Service.Control;
using DnsFlow.Telemetry;

namespace DnsFlow.Service.Commands;

/// <summary><c>dnsflow pause</c>: lets a list or a rule of a running proxy not match for a while.</summary>
internal static class PauseCommand
{
    private const string Resource = "api/v1/pause";

    /// <summary>Makes the command.</summary>
    public static Command Create(ControlFlags flags, ProgramContext context)
    {
        var name = new Argument<string?>("name") { HelpName = "LIST|RULE", Description = "What is paused; without it, what is paused now is shown.", Arity = ArgumentArity.ZeroOrOne };
        var client = new Option<string?>("--client") { HelpName = "NAME|ADDRESS|NETWORK", Description = "For this set of clients, this client or this network alone." };
        var time = new Option<string>("--for") { HelpName = "TIME", Description = "How long: 10m, 1h; a day at most.", DefaultValueFactory = static _ => "10m" };
        var end = new Option<bool>("--end") { Description = "End the pause now." };
        var command = flags.Create("pause", "Let a list or rule of the running proxy not match for a while.", context, (parsed, proxy, cancellation) =>
        {
            var method = parsed.GetValue(name) is null ? HttpMethod.Get : parsed.GetValue(end) ? HttpMethod.Delete : HttpMethod.Post;
            var query = method == HttpMethod.Get ? "" : QueryText.Of(("name", parsed.GetValue(name)), ("client", parsed.GetValue(client)), ("for", parsed.GetValue(time)));
            return proxy.AskAsync(method, Resource + query, null, context, body => Tell(body, context), cancellation);
        });
        command.Arguments.Add(name);
        command.Options.Add(client);
        command.Options.Add(time);
        command.Options.Add(end);
        return command;
    }

    private static int Tell(string body, ProgramContext context)
    {
        var pauses = JsonSerializer.Deserialize(body, StatsJson.Default.IReadOnlyListPauseStats)!;
        foreach (var pause in pauses)
        {
            var until = pause.Until.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            context.Out.WriteLine($"{pause.Name} is paused{(pause.Client is null ? "" : $" for {pause.Client}")} until {until}");
        }

        if (pauses.Count == 0)
        {
            context.Out.WriteLine("nothing is paused");
        }

        return ExitCode.Good;
    }
}
