using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using DnsFlow.Protocol;
using DnsFlow.Service.Configuration;
using DnsFlow.Service.Querying;

namespace DnsFlow.Service.Commands;

/// <summary><c>dnsflow query</c>: asks a question and prints the response in the manner of <c>dig</c>.</summary>
internal static class QueryCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(StartFlags flags, ProgramContext context)
    {
        var words = new Argument<string[]>("question")
        {
            HelpName = "NAME [TYPE] [@SERVER[:PORT]] [+tcp] [+dnssec] [+norecurse]",
            Description = "What to ask, and whom; without a server the proxy is asked where the configuration says it listens.",
            Arity = ArgumentArity.OneOrMore,
        };
        var tcp = new Option<bool>("--tcp") { Description = "Ask over TCP; the same as +tcp." };
        var command = new Command("query", "Ask a question and print the response.") { words, tcp };
        command.SetAction((parsed, cancellation) => RunAsync(flags.Read(parsed), parsed.GetValue(words) ?? [], parsed.GetValue(tcp), context, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(StartSettings settings, string[] words, bool overTcp, ProgramContext context, CancellationToken cancellationToken)
    {
        if (!QueryArguments.TryParse(words, out var arguments, out var error) || arguments is null)
        {
            await context.Error.WriteLineAsync("dnsflow: " + error);
            return ExitCode.Usage;
        }

        var server = arguments.Server ?? ServerAddress.OfConfiguration(ConfigurationLayers.Load(settings, context));
        var started = context.Time.GetTimestamp();
        var reply = await QueryClient.AskAsync(server, Query(arguments), overTcp || arguments.OverTcp, cancellationToken);
        var elapsed = context.Time.GetElapsedTime(started);
        if (reply.Message is not { } response)
        {
            await context.Error.WriteLineAsync($"dnsflow: {server} did not answer: {reply.Error}");
            return ExitCode.Unavailable;
        }

        await context.Out.WriteAsync(response.ToString());
        await context.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"\n;; {elapsed.TotalMilliseconds:0.0} ms from {server} over {(reply.OverTcp ? "TCP" : "UDP")}, {reply.Length} octets"));
        return response.ResponseCode == ResponseCode.NoError && response.Answer.Count > 0 ? ExitCode.Good : ExitCode.Negative;
    }

    private static DnsMessage Query(QueryArguments arguments)
        => new()
        {
            Id = (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1),
            RecursionDesired = arguments.Recursion,
            Questions = [new Question(arguments.Name, arguments.Type)],
            Edns = new Edns { Flags = arguments.DnssecOk ? (ushort)0x8000 : (ushort)0 },
        };
}
