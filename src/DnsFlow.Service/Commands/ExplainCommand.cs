using System.CommandLine;
using System.Text.Json;
using DnsFlow.Server;
using DnsFlow.Service.Configuration;
using DnsFlow.Service.Control;
using DnsFlow.Service.Endpoints;

namespace DnsFlow.Service.Commands;

/// <summary>
/// <c>dnsflow explain</c>: says what would become of a query and why. The proxy that runs here is asked, which knows its cache and what is paused; without one, or where flags
/// name a configuration, that explains.
/// </summary>
internal static class ExplainCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(StartFlags flags, ControlFlags control, ProgramContext context)
    {
        var name = new Argument<string>("name") { HelpName = "NAME", Description = "The name that is asked." };
        var type = new Argument<string?>("type") { HelpName = "TYPE", Description = "The type; A if not given.", Arity = ArgumentArity.ZeroOrOne };
        var client = new Option<string?>("--client") { HelpName = "ADDRESS", Description = "The client's address; 127.0.0.1 if not given." };
        var listener = new Option<string?>("--listener") { HelpName = "NAME", Description = "The listener; the first if not given." };
        var transport = new Option<string?>("--transport") { HelpName = "TRANSPORT", Description = "What carries it; udp if not given." };
        var at = new Option<string?>("--at") { HelpName = "TIME", Description = "When: 20:15 or 2026-11-25T20:15; now if not given." };
        var json = new Option<bool>("--json") { Description = "Print a JSON document." };
        var command = new Command("explain", "Say what would become of a query, and why, by the running proxy or by the configuration that is named. Nothing is sent.")
        {
            name, type, client, listener, transport, at, json,
        };
        control.AddTo(command);
        flags.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var arguments = new ExplainArguments
            {
                Name = parsed.GetValue(name), Type = parsed.GetValue(type), Client = parsed.GetValue(client), Listener = parsed.GetValue(listener),
                Transport = parsed.GetValue(transport), At = parsed.GetValue(at),
            };
            var settings = flags.Read(parsed);
            return control.IsGiven(parsed) || (!settings.IsAny && ControlClient.Running(context) is not null)
                ? control.WithClientAsync(parsed, context, proxy => AskAsync(proxy, arguments, parsed.GetValue(json), context, cancellation))
                : RunAsync(settings, arguments, parsed.GetValue(json), context);
        });
        return command;
    }

    private static async Task<int> RunAsync(StartSettings settings, ExplainArguments arguments, bool asJson, ProgramContext context)
    {
        var loaded = ConfigurationLayers.Load(settings, context);
        IReadOnlyList<string> errors = loaded.Problems;
        using var policy = errors.Count > 0 ? null : ProxyPolicy.TryBuild(loaded.Section, loaded.BaseFolder, out errors, loaded.Root, time: context.Time);
        if (policy is null)
        {
            CheckCommand.Report(errors, context.Error, settings.Verbosity);
            return ExitCode.Configuration;
        }

        if (!arguments.TryRead(context.Time, policy.Listeners, out var question, out var error))
        {
            await context.Error.WriteLineAsync("dnsflow: " + error);
            return ExitCode.Usage;
        }

        var explanation = policy.Explain(question);
        await context.Out.WriteAsync(asJson ? JsonSerializer.Serialize(explanation, HttpJson.Default.Explanation) + "\n" : ExplainText.Format(explanation, Source(settings, context)));
        return ExitCode.Good;
    }

    private static Task<int> AskAsync(ControlClient proxy, ExplainArguments arguments, bool asJson, ProgramContext context, CancellationToken cancellationToken) =>
        proxy.AskAsync(
            HttpMethod.Get, "api/v1/explain" + Query(arguments), null, context,
            body =>
            {
                context.Out.Write(asJson
                    ? body + "\n"
                    : ExplainText.Format(JsonSerializer.Deserialize(body, HttpJson.Default.Explanation)!, $"the running proxy, {proxy.Place}"));
                return ExitCode.Good;
            },
            cancellationToken);

    private static string Source(StartSettings settings, ProgramContext context)
    {
        var what = settings.ConfigFile is { } file ? $"the configuration with {file}" : settings.IsAny ? "the configuration with the flags given" : "the configuration";
        return ControlClient.Running(context) is { } socket ? $"{what}; the proxy that runs ({socket}) was not asked" : $"{what}; no running proxy was found";
    }

    private static string Query(ExplainArguments arguments) => QueryText.Of(
        ("name", arguments.Name), ("type", arguments.Type), ("client", arguments.Client), ("listener", arguments.Listener), ("transport", arguments.Transport), ("at", arguments.At));
}
