namespace DnsFlow.Telemetry;

/// <summary>How often the configuration was read anew.</summary>
/// <param name="Applied">Reloads that were put in force.</param>
/// <param name="Refused">Reloads that were refused: the configuration before them stayed.</param>
public readonly record struct ReloadStats(long Applied, long Refused);
