using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using DnsFlow.FunctionalTests.Tools;

namespace DnsFlow.FunctionalTests.Program;

/// <summary>The program itself, started as a person would, on free ports.</summary>
internal sealed partial class RunningProgram : IDisposable
{
    private readonly ToolProcess _process;

    private RunningProgram(ToolProcess process) => _process = process;

    /// <summary>Where it listens.</summary>
    public IPEndPoint Endpoint { get; private set; } = new(IPAddress.None, 0);

    /// <summary>Where its statistics are.</summary>
    public Uri Stats { get; private set; } = new("http://127.0.0.1");

    /// <summary>Everything it printed.</summary>
    public string Output => _process.Output;

    /// <summary>Starts it and waits until it says that it is there.</summary>
    public static async Task<RunningProgram> StartAsync(params string[] arguments)
    {
        var program = new RunningProgram(Launch([.. arguments, "--stats", "http://127.0.0.1:0"]));
        return await program.BeginAsync();
    }

    /// <summary>Starts it as a service manager does: with a socket for its signs of life, which are due every <paramref name="watchdog"/>.</summary>
    public static async Task<RunningProgram> StartSupervisedAsync(string notifySocket, TimeSpan watchdog, params string[] arguments)
    {
        string[] manager = [$"NOTIFY_SOCKET={notifySocket}", $"RUNTIME_DIRECTORY={Path.GetDirectoryName(notifySocket)}", FormattableString.Invariant($"WATCHDOG_USEC={watchdog.TotalMicroseconds}")];
        var program = new RunningProgram(ToolProcess.Start(
            "env", [.. manager, Environment.ProcessPath!, Program, .. arguments, "--stats", "http://127.0.0.1:0"]));
        return await program.BeginAsync();
    }

    /// <summary>Starts it on the framework's sockets, as on systems without fast calls of their own.</summary>
    public static async Task<RunningProgram> StartPortableAsync(params string[] arguments)
    {
        var program = new RunningProgram(ToolProcess.Start(
            "env", ["DNSFLOW_SOCKETS=portable", Environment.ProcessPath!, Program, .. arguments, "--stats", "http://127.0.0.1:0"]));
        return await program.BeginAsync();
    }

    /// <summary>Starts it with the profile <c>small</c> in a control group; without one, with a hard limit of 32 MiB for its heap.</summary>
    public static async Task<RunningProgram> StartCagedAsync(MemoryCage? cage, params string[] arguments)
    {
        string[] command = ["env", "DNSFLOW__LIMITS__PROFILE=small", Environment.ProcessPath!, Program, .. arguments, "--stats", "http://127.0.0.1:0"];
        var program = new RunningProgram(cage is null
            ? ToolProcess.Start("env", ["DOTNET_GCHeapHardLimit=0x2000000", .. command[1..]])
            : ToolProcess.Start("sh", ["-c", $"echo $$ > {cage.Door} && exec \"$@\"", "sh", .. command]));
        return await program.BeginAsync();
    }

    /// <summary>The memory that is its own, not shared with other programs: what a control group is charged for in any case.</summary>
    public long PrivateBytes() => File.ReadLines($"/proc/{_process.Id}/status")
        .Where(line => line.StartsWith("RssAnon:", StringComparison.Ordinal))
        .Select(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) << 10).Single();

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        using var process = Launch(arguments);
        var code = await process.ExitAsync();
        return (code, process.Output);
    }

    /// <summary>Runs it to its end without QUIC, whatever the system has: the framework's wants sockets for IPv6, and is told that there are none.</summary>
    public static async Task<(int Code, string Output)> RunWithoutQuicAsync(params string[] arguments)
    {
        using var process = ToolProcess.Start(
            Environment.ProcessPath!, [Program, .. arguments], new Dictionary<string, string> { ["DOTNET_SYSTEM_NET_DISABLEIPV6"] = "1" });
        var code = await process.ExitAsync();
        return (code, process.Output);
    }

    /// <summary>Waits until it has printed a text.</summary>
    public Task WaitForAsync(string text) => _process.WaitForAsync(text);

    /// <summary>Sends it a signal by name.</summary>
    public Task SignalAsync(string signal) => _process.SignalAsync(signal);

    /// <summary>Asks it to stop and returns its exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        await _process.SignalAsync("TERM");
        return await _process.ExitAsync();
    }

    public void Dispose() => _process.Dispose();

    /// <summary>The program, for a runtime to run.</summary>
    public static string Program => Path.Combine(AppContext.BaseDirectory, "dnsflow.dll");

    private static ToolProcess Launch(IEnumerable<string> arguments) => ToolProcess.Start(Environment.ProcessPath!, [Program, .. arguments]);

    private async Task<RunningProgram> BeginAsync()
    {
        await _process.WaitForAsync("try ");
        Endpoint = IPEndPoint.Parse(Listening().Match(Output).Groups[1].Value);
        Stats = new Uri(Statistics().Match(Output).Groups[1].Value);
        return this;
    }

    [GeneratedRegex(@"listening\s+(\S+)")]
    private static partial Regex Listening();

    [GeneratedRegex(@"statistics\s+(\S+)")]
    private static partial Regex Statistics();
}
