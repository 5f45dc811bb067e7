using System.CommandLine;
using System.Text.Json;
using DnsFlow.Service.Control;
using DnsFlow.Service.Endpoints;

namespace DnsFlow.Service.Commands;

/// <summary><c>dnsflow cache flush</c>: lets a running proxy forget cached responses.</summary>
internal static class CacheCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(ControlFlags flags, ProgramContext context)
        => new("cache", "What the running proxy remembers of answers.") { Flush(flags, context) };

    private static Command Flush(ControlFlags flags, ProgramContext context)
    {
        var name = new Argument<string?>("name")
        {
            HelpName = "NAME", Arity = ArgumentArity.ZeroOrOne, Description = "corp.example: it and what is below; =host.example: only it; *.lab.example: only what is below; all if not given.",
        };
        var command = flags.Create("flush", "Forget cached responses.", context, (parsed, proxy, cancellation) => proxy.AskAsync(
            HttpMethod.Post, "api/v1/cache/flush" + QueryText.Of(("name", parsed.GetValue(name))), null, context, body => Tell(body, context), cancellation));
        command.Arguments.Add(name);
        return command;
    }

    private static int Tell(string body, ProgramContext context)
    {
        var removed = JsonSerializer.Deserialize(body, HttpJson.Default.FlushDocument)!.Removed;
        context.Out.WriteLine($"{removed} {(removed == 1 ? "response was" : "responses were")} forgotten");
        return ExitCode.Good;
    }
}
