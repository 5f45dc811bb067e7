namespace DnsFlow.Server;

/// <summary>Where the configuration of a proxy comes from, at its start and at each reload.</summary>
public interface IProxyConfigurationSource
{
    /// <summary>Reads it anew. Does not throw for what somebody wrote: that is among the problems.</summary>
    ConfigurationInput Load();
}
