using System.CommandLine;
using System.Text.Json;
using DnsFlow.Service.Control;
using DnsFlow.Service.Endpoints;

namespace DnsFlow.Service.Commands;

/// <summary><c>dnsflow reload</c>: makes a running proxy read its configuration anew.</summary>
internal static class ReloadCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(ControlFlags flags, ProgramContext context) => flags.Create(
        "reload", "Make the running proxy read its configuration anew; every error is printed, and then the old one stays.", context,
        (_, client, cancellation) => client.AskAsync(HttpMethod.Post, "api/v1/config/reload", null, context, body => Tell(body, context), cancellation));

    private static int Tell(string body, ProgramContext context)
    {
        var document = JsonSerializer.Deserialize(body, HttpJson.Default.ReloadDocument)!;
        foreach (var line in document.Lines())
        {
            context.Out.WriteLine(line);
        }

        context.Out.WriteLine($"configuration {document.Generation} is in force");
        return ExitCode.Good;
    }
}
