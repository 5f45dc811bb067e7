using DnsFlow.Server;

namespace DnsFlow.Service.Endpoints;

/// <summary>The JSON Schema of the configuration, made when it is asked for the first time.</summary>
internal static class ConfigurationSchema
{
    private static readonly Lazy<string> Made = new(static () => ProxyConfiguration.Schema);

    /// <summary>The schema.</summary>
    public static string Text => Made.Value;
}
