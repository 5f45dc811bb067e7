using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using DnsFlow.Service.Control;
using DnsFlow.Service.Endpoints;

namespace DnsFlow.Service.Commands;

/// <summary><c>dnsflow lists</c>: shows the lists of a running proxy; <c>dnsflow lists refresh</c> reads them again.</summary>
internal static class ListsCommand
{
    private const string Resource = "api/v1/lists";

    /// <summary>Makes the command.</summary>
    public static Command Create(ControlFlags flags, ProgramContext context)
    {
        var command = flags.Create("lists", "Show the lists of the running proxy.", context, (_, proxy, cancellation)
            => proxy.AskAsync(HttpMethod.Get, Resource, null, context, body => Tell(body, context), cancellation));
        command.Subcommands.Add(Refresh(flags, context));
        return command;
    }

    private static Command Refresh(ControlFlags flags, ProgramContext context)
    {
        var name = new Argument<string?>("name") { HelpName = "LIST", Description = "The list; all if not given.", Arity = ArgumentArity.ZeroOrOne };
        var force = new Option<bool>("--force") { Description = "Take a list that has shrunk by more than half, too." };
        var command = flags.Create("refresh", "Read lists again now: files that have changed, addresses that have something new.", context, (parsed, proxy, cancellation) => proxy.AskAsync(
            HttpMethod.Post, $"{Resource}/refresh{QueryText.Of(("force", parsed.GetValue(force) ? "true" : "false"), ("name", parsed.GetValue(name)))}",
            null, context, body => Tell(body, context), cancellation));
        command.Arguments.Add(name);
        command.Options.Add(force);
        return command;
    }

    private static int Tell(string body, ProgramContext context)
    {
        var isGood = true;
        var lists = JsonSerializer.Deserialize(body, HttpJson.Default.IReadOnlyListListReport)!;
        if (lists.Count == 0)
        {
            context.Out.WriteLine("there are no lists");
        }

        foreach (var list in lists)
        {
            var skipped = list.Sources.Sum(static source => source.Skipped.Values.Sum());
            var at = list.UpdatedAt is { } time ? time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) : "never";
            context.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{list.Name}  {list.Entries} entries, {skipped} lines skipped, read {at}"));
            if (list.Error is { } error)
            {
                context.Error.WriteLine($"dnsflow: list '{list.Name}': {error}");
                isGood = false;
            }
        }

        return isGood ? ExitCode.Good : ExitCode.Negative;
    }
}
