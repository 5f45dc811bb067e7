using System.Diagnostics;
using System.Text;

namespace DnsFlow.FunctionalTests.Tools;

/// <summary>A program of the system that a test runs or starts; ended with the test.</summary>
internal sealed class ToolProcess : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly List<(string Text, TaskCompletionSource Printed)> _awaited = [];

    private ToolProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>The path of a program, or null.</summary>
    public static string? Find(string tool) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Concat(["/usr/sbin", "/sbin"])
        .Select(folder => Path.Combine(folder, tool)).FirstOrDefault(File.Exists);

    /// <summary>Starts a program and goes on.</summary>
    public static ToolProcess Start(string tool, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var path = Path.IsPathRooted(tool) ? tool : Find(tool) ?? throw new InvalidOperationException($"{tool} is not installed");
        var start = new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var tooled = new ToolProcess(new Process { StartInfo = start });
        tooled._process.OutputDataReceived += tooled.Collect;
        tooled._process.ErrorDataReceived += tooled.Collect;
        tooled._process.Start();
        tooled._process.BeginOutputReadLine();
        tooled._process.BeginErrorReadLine();
        return tooled;
    }

    /// <summary>Runs a program to its end and returns its exit code and everything it printed.</summary>
    public static async Task<(int Code, string Output)> RunAsync(string tool, params string[] arguments)
    {
        using var process = Start(tool, arguments);
        var code = await process.ExitAsync();
        return (code, process.Output);
    }

    /// <summary>Waits for the program's end, a minute at most.</summary>
    public async Task<int> ExitAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    /// <summary>Completes when a line with this text has been printed; fails when the program ends before, or after half a minute.</summary>
    public async Task WaitForAsync(string text)
    {
        var printed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_output)
        {
            if (_output.ToString().Contains(text, StringComparison.Ordinal))
            {
                return;
            }

            _awaited.Add((text, printed));
        }

        var ended = await Task.WhenAny(printed.Task, ExitAsync()).WaitAsync(TimeSpan.FromSeconds(30));
        if (ended != printed.Task && !printed.Task.IsCompleted)
        {
            throw new InvalidOperationException($"The program ended before it printed '{text}'. Its output:\n{Output}");
        }
    }

    /// <summary>Sends a signal by name, such as TERM or HUP.</summary>
    public async Task SignalAsync(string signal) => await RunAsync("kill", $"-{signal}", Id.ToString());

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private void Collect(object sender, DataReceivedEventArgs line)
    {
        lock (_output)
        {
            _output.AppendLine(line.Data);
            foreach (var (text, printed) in _awaited)
            {
                if (line.Data?.Contains(text, StringComparison.Ordinal) == true)
                {
                    printed.TrySetResult();
                }
            }
        }
    }
}
