using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using DnsFlow.Server;
using DnsFlow.Service.Captures;
using DnsFlow.Service.Configuration;
using DnsFlow.Service.Replaying;

namespace DnsFlow.Service.Commands;

/// <summary><c>dnsflow replay</c>: which decisions of recorded traffic another configuration would change.</summary>
internal static class ReplayCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(StartFlags flags, ProgramContext context)
    {
        var files = new Argument<string[]>("FILE")
        {
            Description = "Captures (pcap, pcapng), dnstap files or query logs, compressed (gzip) or not.",
            Arity = ArgumentArity.OneOrMore,
        };
        var against = new Option<string?>("--against")
        {
            HelpName = "FILE",
            Description = "The configuration to compare with; unless given the one that a start without -c would use.",
        };
        var listener = new Option<string?>("--listener") { HelpName = "NAME", Description = "The listener the queries came to; the first unless the file says it." };
        var port = new Option<int[]>("--port") { HelpName = "N", Description = "A port whose traffic is DNS, 53 unless given. May be repeated." };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON." };
        var command = new Command("replay", "Show which decisions about recorded queries the configuration of -c would change.") { files, against, listener, port, json };
        command.SetAction(parsed =>
        {
            var settings = flags.Read(parsed);
            var result = Run(
                settings, settings with { ConfigFile = parsed.GetValue(against) }, parsed.GetValue(listener), parsed.GetValue(port) ?? [], parsed.GetValue(files) ?? [], context,
                out var exitCode);
            return result is null ? exitCode : Report(result, parsed.GetValue(json), context);
        });
        return command;
    }

    private static ReplayResult? Run(
        StartSettings settings, StartSettings against, string? listener, int[] ports, string[] files, ProgramContext context, out int exitCode)
    {
        using var after = Compile(settings, context);
        using var before = after is null ? null : Compile(against, context);
        exitCode = ExitCode.Configuration;
        if (after is null || before is null)
        {
            return null;
        }

        foreach (var plan in listener is null ? [] : new[] { before, after })
        {
            if (ReplaySide.IndexOf(plan, listener!) < 0)
            {
                context.Error.WriteLine($"dnsflow: '{listener}' is not a listener of both configurations; allowed: {string.Join(", ", plan.Listeners)}");
                exitCode = ExitCode.Usage;
                return null;
            }
        }

        var report = new CaptureReport();
        var replay = new Replay(new ReplaySide(before, listener), new ReplaySide(after, listener), context.Time.GetUtcNow(), report);
        foreach (var file in files)
        {
            CaptureFile.Read(Path.GetFullPath(file, context.CurrentFolder), ports.Length > 0 ? ports.ToHashSet() : [53], replay, report);
            if (report.Problem is { } problem)
            {
                context.Error.WriteLine($"dnsflow: {file}: {problem}");
                break;
            }
        }

        return replay.Result();
    }

    private static ProxyPolicy? Compile(StartSettings settings, ProgramContext context)
    {
        var configuration = ConfigurationLayers.Load(settings, context);
        var errors = configuration.Problems;
        var plan = errors.Count > 0 ? null : ProxyPolicy.TryBuild(configuration.Section, configuration.BaseFolder, out errors, configuration.Root);
        if (plan is null)
        {
            CheckCommand.Report(errors, context.Error, settings.Verbosity);
        }

        return plan;
    }

    private static int Report(ReplayResult result, bool asJson, ProgramContext context)
    {
        if (asJson)
        {
            context.Out.WriteLine(JsonSerializer.Serialize(result, ReplayJson.Default.ReplayResult));
        }
        else
        {
            Print(result, context.Out);
        }

        return result.Problem is not null && result.Queries == 0 ? ExitCode.Usage : result.Differ > 0 ? ExitCode.Negative : ExitCode.Good;
    }

    private static void Print(ReplayResult result, TextWriter writer)
    {
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.Queries} queries, {result.Unchanged} unchanged, {result.Differ} differ"));
        foreach (var group in result.Groups)
        {
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{group.Count,9}  {group.From} -> {group.To}, as for {group.Example}"));
        }

        if (result.Others > 0)
        {
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.Others,9}  in ways beyond the first {Replay.MaxGroups}"));
        }

        if (result.Skipped.Count > 0)
        {
            writer.WriteLine("left out: " + string.Join(", ", result.Skipped.Select(reason => string.Create(CultureInfo.InvariantCulture, $"{reason.Value} {reason.Key}"))));
        }
    }
}
