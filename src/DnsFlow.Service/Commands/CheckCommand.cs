using System.CommandLine;
using System.Text;
using System.Text.Json;
using DnsFlow.Server;
using DnsFlow.Service.Control;
using DnsFlow.Service.Endpoints;

namespace DnsFlow.Service.Commands;

/// <summary><c>dnsflow check</c>: prints every error of the configuration, or what it would change in a running proxy.</summary>
internal static class CheckCommand
{
    private const string Running = "running";

    /// <summary>Makes the command.</summary>
    public static Command Create(StartFlags flags, ControlFlags control, ProgramContext context)
    {
        var against = new Option<string?>("--against") { HelpName = Running, Description = "Print what would change in the running proxy; exit code 1 when something would." };
        against.AcceptOnlyFromAmong(Running);
        var command = new Command("check", "Check the configuration and print every error.") { against };
        flags.AddTo(command);
        control.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var start = CheckedStart.Check(flags.Read(parsed), context);
            var code = Run(start, flags.Read(parsed).Verbosity, context, parsed.GetValue(against) is null);
            return code != ExitCode.Good || parsed.GetValue(against) is null ? code
                : await control.WithClientAsync(parsed, context, client => CompareAsync(start, client, context, cancellation));
        });
        return command;
    }

    /// <summary>Writes errors and warnings, one a line, and their number.</summary>
    public static void Report(IReadOnlyList<string> errors, TextWriter writer, Verbosity verbosity, IReadOnlyList<string>? warnings = null)
    {
        warnings ??= [];
        foreach (var line in errors.Concat(warnings.Select(static warning => "warning: " + warning)))
        {
            writer.WriteLine(line);
        }

        if (errors.Count > 0 || warnings.Count > 0 || verbosity != Verbosity.Quiet)
        {
            writer.WriteLine($"{Count(errors.Count, "error")}, {Count(warnings.Count, "warning")}");
        }
    }

    private static string Count(int number, string what) => number == 1 ? $"1 {what}" : $"{number} {what}s";

    // The errors are the result, so they go to the standard output.
    private static int Run(CheckedStart start, Verbosity verbosity, ProgramContext context, bool isWhole)
    {
        var warnings = new List<string>();
        var errors = start.AllErrors(warnings);
        if (errors.Count > 0 || isWhole)
        {
            Report(errors, context.Out, verbosity, errors.Count > 0 ? [] : [.. warnings, .. PortCheck.Warnings(start.Configuration.Options(new DnsFlow.Settings.SettingsErrors()))]);
        }

        return errors.Count == 0 ? ExitCode.Good : ExitCode.Configuration;
    }

    private static Task<int> CompareAsync(CheckedStart start, ControlClient client, ProgramContext context, CancellationToken cancellationToken)
    {
        var document = new StringContent(ProxyConfiguration.Document(start.Configuration.Section, start.Configuration.Root), Encoding.UTF8, "application/json");
        var path = $"api/v1/config/check?folder={Uri.EscapeDataString(start.Configuration.BaseFolder)}";
        return client.AskAsync(HttpMethod.Post, path, document, context, body =>
        {
            var report = JsonSerializer.Deserialize(body, HttpJson.Default.ReloadDocument)!;
            foreach (var line in report.Lines())
            {
                context.Out.WriteLine(line);
            }

            return report.Changes.Count + report.Listeners.Count == 0 ? ExitCode.Good : ExitCode.Negative;
        }, cancellationToken);
    }
}
