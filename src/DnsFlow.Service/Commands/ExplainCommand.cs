using System.CommandLine;
using System.Net;
using System.Text.Json;
using DnsFlow.Server;
using DnsFlow.Service.Configuration;
using DnsFlow.Service.Endpoints;

namespace DnsFlow.Service.Commands;

/// <summary><c>dnsflow explain</c>: says what would become of a query and why; by the configuration, or with <c>--url</c> by a running proxy, which knows its cache.</summary>
internal static class ExplainCommand
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>Makes the command.</summary>
    public static Command Create(StartFlags flags, ProgramContext context)
    {
        var name = new Argument<string>("name") { HelpName = "NAME", Description = "The name that is asked." };
        var type = new Argument<string?>("type") { HelpName = "TYPE", Description = "The type; A if not given.", Arity = ArgumentArity.ZeroOrOne };
        var client = new Option<string?>("--client") { HelpName = "ADDRESS", Description = "The client's address; 127.0.0.1 if not given." };
        var listener = new Option<string?>("--listener") { HelpName = "NAME", Description = "The listener; the first if not given." };
        var transport = new Option<string?>("--transport") { HelpName = "TRANSPORT", Description = "What carries it; udp if not given." };
        var at = new Option<string?>("--at") { HelpName = "TIME", Description = "When: 20:15 or 2026-11-25T20:15; now if not given." };
        var url = new Option<string?>("--url") { HelpName = "URL", Description = "Ask the running proxy that serves statistics there; it knows its cache." };
        var json = new Option<bool>("--json") { Description = "Print a JSON document." };
        var command = new Command("explain", "Say what would become of a query, and why. Nothing is sent.") { name, type, client, listener, transport, at, url, json };
        flags.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var arguments = new ExplainArguments
            {
                Name = parsed.GetValue(name), Type = parsed.GetValue(type), Client = parsed.GetValue(client), Listener = parsed.GetValue(listener),
                Transport = parsed.GetValue(transport), At = parsed.GetValue(at),
            };
            return parsed.GetValue(url) is { } address
                ? AskAsync(address, arguments, parsed.GetValue(json), context, cancellation)
                : RunAsync(flags.Read(parsed), arguments, parsed.GetValue(json), context);
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
        await context.Out.WriteAsync(asJson ? JsonSerializer.Serialize(explanation, HttpJson.Default.Explanation) + "\n" : ExplainText.Format(explanation));
        return ExitCode.Good;
    }

    private static async Task<int> AskAsync(string address, ExplainArguments arguments, bool asJson, ProgramContext context, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate($"{address.TrimEnd('/')}/api/v1/explain?{Query(arguments)}", UriKind.Absolute, out var target) || target.Scheme != Uri.UriSchemeHttp)
        {
            await context.Error.WriteLineAsync($"dnsflow: '{address}' is not an address of the form {HttpEndpoint.Default}");
            return ExitCode.Usage;
        }

        try
        {
            using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = s_patience };
            using var response = await client.GetAsync(target, cancellationToken);
            var body = await response.Content.ReadAsStringAsync(cancellationToken);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                await context.Error.WriteLineAsync($"dnsflow: {target.Authority} says {JsonSerializer.Deserialize(body, HttpJson.Default.ProblemDocument)?.Detail}");
                return ExitCode.Usage;
            }

            await context.Out.WriteAsync(asJson ? body + "\n" : ExplainText.Format(JsonSerializer.Deserialize(body, HttpJson.Default.Explanation)!));
            return ExitCode.Good;
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException or TaskCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await context.Error.WriteLineAsync($"dnsflow: no explanation at {target.Authority}: {exception.Message}");
            return ExitCode.Unavailable;
        }
    }

    private static string Query(ExplainArguments arguments)
    {
        (string Key, string? Value)[] words =
        [
            ("name", arguments.Name), ("type", arguments.Type), ("client", arguments.Client), ("listener", arguments.Listener), ("transport", arguments.Transport), ("at", arguments.At),
        ];
        return string.Join('&', words.Where(static word => word.Value is not null).Select(static word => $"{word.Key}={Uri.EscapeDataString(word.Value!)}"));
    }
}
