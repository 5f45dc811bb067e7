using DnsFlow.Settings;

namespace DnsFlow.Server.Plans;

/// <summary>A configuration that was read and judged by itself; what is wrong with it is in <see cref="Errors"/>.</summary>
internal sealed class Candidate
{
    private Candidate(ProxyOptions options, string baseFolder, SettingsErrors errors)
    {
        Options = options;
        BaseFolder = baseFolder;
        Errors = errors;
    }

    /// <summary>What was read.</summary>
    public ProxyOptions Options { get; }

    /// <summary>The folder that file names are relative to.</summary>
    public string BaseFolder { get; }

    /// <summary>What is wrong.</summary>
    public SettingsErrors Errors { get; }

    /// <summary>Reads a configuration anew.</summary>
    public static Candidate Load(IProxyConfigurationSource source, PlanBuilder builder)
    {
        var errors = new SettingsErrors();
        var input = source.Load();
        foreach (var problem in input.Problems)
        {
            errors.Add(problem);
        }

        var options = new ProxyOptions();
        if (!errors.Any)
        {
            ProxyOptions.TryRead(input.Section, out options, errors, input.Root, builder.Actions);
        }

        return new Candidate(options, input.BaseFolder, errors);
    }
}
