using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using DnsFlow.Service.Control;
using DnsFlow.Service.Endpoints;

namespace DnsFlow.Service.Commands;

/// <summary><c>dnsflow flows</c>: shows the flows of a running proxy; <c>dnsflow flows close ID</c> ends one.</summary>
internal static class FlowsCommand
{
    private const string Resource = "api/v1/flows";

    /// <summary>Makes the command.</summary>
    public static Command Create(ControlFlags flags, ProgramContext context)
    {
        var client = new Option<string?>("--client") { HelpName = "ADDRESS", Description = "Those of this client alone." };
        var watch = new Option<bool>("--watch") { Description = "Show them again every two seconds, until interrupted." };
        var json = new Option<bool>("--json") { Description = "Print a JSON document." };
        var command = flags.Create("flows", "Show the flows of the running proxy, those that were active last first.", context, async (parsed, proxy, cancellation) =>
        {
            var path = Resource + QueryText.Of(("client", parsed.GetValue(client)));
            var code = await ShowAsync(parsed.GetValue(json));
            while (parsed.GetValue(watch) && code == ExitCode.Good)
            {
                await Task.Delay(TimeSpan.FromSeconds(2), context.Time, cancellation);
                await context.Out.WriteLineAsync();
                code = await ShowAsync(parsed.GetValue(json));
            }

            return code;

            Task<int> ShowAsync(bool asJson) => proxy.AskAsync(HttpMethod.Get, path, null, context, body => asJson ? Print(body, context) : Tell(body, context), cancellation);
        });
        command.Options.Add(client);
        command.Options.Add(watch);
        command.Options.Add(json);
        command.Subcommands.Add(Close(flags, context));
        return command;
    }

    private static Command Close(ControlFlags flags, ProgramContext context)
    {
        var id = new Argument<string>("id") { HelpName = "ID", Description = "The flow's id, as 'dnsflow flows' shows it." };
        var command = flags.Create("close", "End a flow at once, whatever is in flight on it.", context, (parsed, proxy, cancellation) => proxy.AskAsync(
            HttpMethod.Delete, $"{Resource}/{Uri.EscapeDataString(parsed.GetValue(id)!)}", null, context, static _ => ExitCode.Good, cancellation));
        command.Arguments.Add(id);
        return command;
    }

    private static int Print(string body, ProgramContext context)
    {
        context.Out.WriteLine(body);
        return ExitCode.Good;
    }

    private static int Tell(string body, ProgramContext context)
    {
        var flows = JsonSerializer.Deserialize(body, HttpJson.Default.FlowReportArray)!;
        string[][] rows =
        [
            ["ID", "AGE", "IDLE", "CLIENT", "PROCESS", "LISTENER", "VERDICT", "RULE", "STATE", "IN FLIGHT", "QUEUED", "LAST ANSWER"],
            .. flows.Select(static flow => (string[])
            [
                flow.Id, Seconds(flow.AgeSeconds), flow.IdleSeconds is { } idle ? Seconds(idle) : "-", flow.Client, flow.Process ?? "-", $"{flow.Listener}/{flow.Transport}", flow.Verdict ?? "-", flow.Rule, flow.State,
                flow.InFlight.ToString(CultureInfo.InvariantCulture), flow.QueuedBytes.ToString(CultureInfo.InvariantCulture), flow.LastCode is null ? "-" : $"{flow.LastCode} {flow.LastOutcome}",
            ]),
        ];
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToList();
        foreach (var row in rows)
        {
            context.Out.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }

        return ExitCode.Good;
    }

    private static string Seconds(long seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds}s");
}
