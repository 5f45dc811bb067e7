namespace DnsFlow.Service.Commands;

/// <summary>What the commands take from the process, so that a test can give them something else.</summary>
internal sealed record ProgramContext
{
    /// <summary>Takes results.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Takes messages to the person.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>The folder the program was started in.</summary>
    public required string CurrentFolder { get; init; }

    /// <summary>The folder the program lies in.</summary>
    public required string ProgramFolder { get; init; }

    /// <summary>Reads an environment variable.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>The system's folder for what this program needs while it runs; null = none.</summary>
    public string? SystemRuntimeFolder { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Whether settings are taken from the environment (<c>DNSFLOW__...</c>).</summary>
    public bool UsesEnvironmentSettings { get; init; } = true;

    /// <summary>Changes services before the host is built; for tests.</summary>
    public Action<IServiceCollection>? ConfigureServices { get; init; }

    /// <summary>The context of a real process.</summary>
    public static ProgramContext Process(TextWriter output, TextWriter error) => new()
    {
        Out = output,
        Error = error,
        CurrentFolder = Environment.CurrentDirectory,
        ProgramFolder = AppContext.BaseDirectory,
        Variable = Environment.GetEnvironmentVariable,
        SystemRuntimeFolder = OperatingSystem.IsWindows() ? null : "/run/dnsflow",
    };
}
