using System.CommandLine;
using System.CommandLine.Invocation;
using DnsFlow.Service.Control;
using DnsFlow.Service.Endpoints;

namespace DnsFlow.Service.Commands;

/// <summary>The command line: which commands there are, and what happens to a wrong one.</summary>
internal static class DnsFlowProgram
{
    /// <summary>Runs the command that <paramref name="arguments"/> name and returns its exit code.</summary>
    public static async Task<int> RunAsync(string[] arguments, ProgramContext context, CancellationToken cancellationToken = default)
    {
        // No response files: '@' names a server in `dnsflow query`.
        var parsed = Root(context).Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction)
        {
            return await RefuseAsync(parsed, context);
        }

        // The host handles signals itself: it drains, and takes longer than the parser would allow.
        var invocation = new InvocationConfiguration { Output = context.Out, Error = context.Error, ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false };
        return await parsed.InvokeAsync(invocation, cancellationToken);
    }

    private static RootCommand Root(ProgramContext context)
    {
        var flags = new StartFlags();
        var root = new RootCommand("A DNS proxy that treats every conversation as a flow. Without a command it runs.");
        flags.AddCommonTo(root);
        flags.AddTo(root);
        SetRun(root, flags, context);
        root.Subcommands.Add(Run(flags, context));
        var control = new ControlFlags();
        root.Subcommands.Add(CheckCommand.Create(flags, control, context));
        root.Subcommands.Add(ExplainCommand.Create(flags, control, context));
        root.Subcommands.Add(ReloadCommand.Create(control, context));
        root.Subcommands.Add(PauseCommand.Create(control, context));
        root.Subcommands.Add(FlowsCommand.Create(control, context));
        root.Subcommands.Add(ListsCommand.Create(control, context));
        root.Subcommands.Add(ZonesCommand.Create(control, context));
        root.Subcommands.Add(CacheCommand.Create(control, context));
        root.Subcommands.Add(Schema(context));
        root.Subcommands.Add(QueryCommand.Create(flags, context));
        root.Subcommands.Add(StatsCommand.Create(flags, context));
        root.Subcommands.Add(ReplayCommand.Create(flags, context));
        root.Subcommands.Add(Version(context));
        return root;
    }

    private static Command Run(StartFlags flags, ProgramContext context)
    {
        var command = new Command("run", "Run the proxy until it is told to stop.");
        flags.AddTo(command);
        SetRun(command, flags, context);
        return command;
    }

    private static void SetRun(Command command, StartFlags flags, ProgramContext context)
        => command.SetAction((parsed, cancellation) => RunCommand.RunAsync(flags.Read(parsed), context, cancellation));

    private static Command Schema(ProgramContext context)
    {
        var command = new Command("schema", "Print the JSON Schema of the configuration, for editors.");
        command.SetAction(_ => context.Out.Write(ConfigurationSchema.Text));
        return command;
    }

    private static Command Version(ProgramContext context)
    {
        var command = new Command("version", "Print the version and what it runs on.");
        command.SetAction(_ => context.Out.WriteLine(ProgramVersion.Long));
        return command;
    }

    private static async Task<int> RefuseAsync(ParseResult parsed, ProgramContext context)
    {
        foreach (var error in parsed.Errors)
        {
            await context.Error.WriteLineAsync("dnsflow: " + error.Message.ReplaceLineEndings(" "));
        }

        var command = parsed.CommandResult.Command is RootCommand ? "dnsflow" : "dnsflow " + parsed.CommandResult.Command.Name;
        await context.Error.WriteLineAsync($"'{command} --help' tells what is allowed.");
        return ExitCode.Usage;
    }
}
