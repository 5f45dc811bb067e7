using System.CommandLine;
using System.Text.Json;
using DnsFlow.Service.Configuration;
using DnsFlow.Service.Endpoints;
using DnsFlow.Settings;
using DnsFlow.Telemetry;

namespace DnsFlow.Service.Commands;

/// <summary><c>dnsflow stats</c>: shows what a running proxy counted.</summary>
internal static class StatsCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Makes the command.</summary>
    public static Command Create(StartFlags flags, ProgramContext context)
    {
        var url = new Option<string?>("--stats", "--url") { HelpName = "URL", Description = "Where the proxy serves them; as configured if not given." };
        var json = new Option<bool>("--json") { Description = "Print the document as it is served." };
        var command = new Command("stats", "Show what a running proxy counted.") { url, json };
        command.SetAction((parsed, cancellation) => RunAsync(flags.Read(parsed), parsed.GetValue(url), parsed.GetValue(json), context, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(StartSettings settings, string? url, bool asJson, ProgramContext context, CancellationToken cancellationToken)
    {
        var address = url ?? (ConfigurationLayers.Load(settings, context).Options(new SettingsErrors()).Stats.Endpoints is [var first, ..] ? first : null);
        if (address is null)
        {
            await context.Error.WriteLineAsync("dnsflow: the configuration serves no statistics; '--stats URL' says where they are");
            return ExitCode.Configuration;
        }

        if (!Uri.TryCreate(address.TrimEnd('/') + "/stats", UriKind.Absolute, out var target) || target.Scheme != Uri.UriSchemeHttp)
        {
            await context.Error.WriteLineAsync($"dnsflow: '{address}' is not an address of the form {HttpEndpoint.Default}");
            return ExitCode.Usage;
        }

        return await ShowAsync(target, asJson, context, cancellationToken);
    }

    private static async Task<int> ShowAsync(Uri target, bool asJson, ProgramContext context, CancellationToken cancellationToken)
    {
        try
        {
            using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Patience };
            if (asJson)
            {
                await context.Out.WriteLineAsync(await client.GetStringAsync(target, cancellationToken));
                return ExitCode.Good;
            }

            var stats = await client.GetFromJsonAsync(target, StatsJson.Default.StatsSnapshot, cancellationToken);
            await context.Out.WriteAsync(StatsTable.Format(stats!));
            return ExitCode.Good;
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException or TaskCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await context.Error.WriteLineAsync($"dnsflow: no statistics at {target}: {exception.Message}");
            return ExitCode.Unavailable;
        }
    }
}
