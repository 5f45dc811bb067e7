using DnsFlow.Server;
using DnsFlow.Service.Configuration;
using DnsFlow.Service.Endpoints;

namespace DnsFlow.Service.Commands;

/// <summary>All that a start needs, judged.</summary>
/// <param name="Configuration">The configuration of all layers.</param>
/// <param name="Endpoints">Where statistics are served; empty = nowhere.</param>
/// <param name="Errors">What is wrong, one line each; the start goes on only when there is none.</param>
internal sealed record CheckedStart(LoadedConfiguration Configuration, IReadOnlyList<HttpEndpoint> Endpoints, IReadOnlyList<string> Errors)
{
    /// <summary>Reads and judges the configuration.</summary>
    public static CheckedStart Check(StartSettings settings, ProgramContext context)
    {
        var configuration = ConfigurationLayers.Load(settings, context);
        if (configuration.Problems.Count > 0)
        {
            return new CheckedStart(configuration, [], configuration.Problems);
        }

        var errors = new List<string>();
        var endpoints = HttpEndpoints.Read(configuration, errors);
        return new CheckedStart(configuration, endpoints, errors);
    }

    /// <summary>
    /// Every error of the configuration, zone files included: what <c>check</c> prints, and what a start prints that does not come about.
    /// A start itself leaves this to the server, so that nothing is compiled twice.
    /// </summary>
    public IReadOnlyList<string> AllErrors()
    {
        if (Configuration.Problems.Count > 0)
        {
            return Errors;
        }

        var all = ProxyConfiguration.Check(Configuration.Section, Configuration.BaseFolder, Configuration.Root);
        return all.Any(line => line.Contains("Stats:Endpoints", StringComparison.Ordinal)) ? all : [.. Errors, .. all];
    }
}
