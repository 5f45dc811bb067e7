namespace DnsFlow.Service.Commands;

/// <summary><c>dnsflow check</c>: prints every error of the configuration.</summary>
internal static class CheckCommand
{
    /// <summary>Checks; the errors are the result, so they go to the standard output.</summary>
    public static int Run(StartSettings settings, ProgramContext context)
    {
        var errors = CheckedStart.Check(settings, context).AllErrors();
        Report(errors, context.Out, settings.Verbosity);
        return errors.Count == 0 ? ExitCode.Good : ExitCode.Configuration;
    }

    /// <summary>Writes errors, one a line, and their number.</summary>
    public static void Report(IReadOnlyList<string> errors, TextWriter writer, Verbosity verbosity)
    {
        foreach (var error in errors)
        {
            writer.WriteLine(error);
        }

        if (errors.Count > 0 || verbosity != Verbosity.Quiet)
        {
            writer.WriteLine($"{errors.Count} {(errors.Count == 1 ? "error" : "errors")}, 0 warnings");
        }
    }
}
