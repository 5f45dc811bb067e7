using DnsFlow.Server;
using DnsFlow.Service.Configuration;
using DnsFlow.Service.Endpoints;
using DnsFlow.Settings;

namespace DnsFlow.Service.Commands;

/// <summary>All that a start needs, judged.</summary>
/// <param name="Layers">The layers, to be read again at a reload.</param>
/// <param name="Stats">How statistics are served.</param>
/// <param name="Endpoints">Where they are served; empty = nowhere.</param>
/// <param name="Errors">What is wrong, one line each; the start goes on only when there is none.</param>
/// <param name="WatchesFiles">Whether a changed file is read anew without being asked.</param>
internal sealed record CheckedStart(LayeredConfiguration Layers, StatsOptions Stats, IReadOnlyList<HttpEndpoint> Endpoints, IReadOnlyList<string> Errors, bool WatchesFiles = false)
{
    /// <summary>Reads and judges the configuration, the files it names apart: the server reads those, so that nothing is compiled twice.</summary>
    public static CheckedStart Check(StartSettings settings, ProgramContext context)
    {
        var layers = new LayeredConfiguration(settings, context);
        var configuration = layers.Last;
        if (configuration.Problems.Count > 0)
        {
            return new CheckedStart(layers, new StatsOptions(), [], configuration.Problems);
        }

        var errors = new SettingsErrors();
        var options = configuration.Options(errors);
        var stats = options.Stats;
        var endpoints = Parse(stats, errors);
        var token = ReadToken(stats, configuration.BaseFolder, errors);
        return new CheckedStart(layers, stats, endpoints, errors.Lines, options.ReloadOnChange) { Token = token };
    }

    /// <summary>The token that allows changes over HTTP; null = none does.</summary>
    public BearerToken? Token { get; init; }

    /// <summary>The configuration of all layers as it was read last.</summary>
    public LoadedConfiguration Configuration => Layers.Last;

    /// <summary>Every error of the configuration, zone files included; <paramref name="warnings"/> takes what is none, but will not do what it seems to.</summary>
    public IReadOnlyList<string> AllErrors(ICollection<string>? warnings = null)
        => Errors.Count > 0 ? Errors : ProxyConfiguration.Check(Configuration.Section, Configuration.BaseFolder, Configuration.Root, warnings: warnings);

    private static BearerToken? ReadToken(StatsOptions stats, string folder, SettingsErrors errors)
    {
        if (stats.TokenFile is not { } file)
        {
            return null;
        }

        var token = BearerToken.Read(Path.Combine(folder, file), out var error);
        if (error is not null)
        {
            errors.Add($"{ConfigurationLayers.SectionName}:Stats:TokenFile", error);
        }

        return token;
    }

    private static List<HttpEndpoint> Parse(StatsOptions stats, SettingsErrors errors)
    {
        var endpoints = new List<HttpEndpoint>();
        for (var i = 0; i < stats.Endpoints.Count; i++)
        {
            if (HttpEndpoint.TryParse(stats.Endpoints[i], out var endpoint, out var error))
            {
                endpoints.Add(endpoint);
            }
            else
            {
                errors.Add($"{ConfigurationLayers.SectionName}:Stats:Endpoints:{i}", error);
            }
        }

        return endpoints;
    }
}
