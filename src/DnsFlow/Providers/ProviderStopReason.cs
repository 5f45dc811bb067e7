namespace DnsFlow.Providers;

/// <summary>Why a provider is stopped.</summary>
public enum ProviderStopReason
{
    /// <summary>The host stops the proxy.</summary>
    HostStopped,

    /// <summary>The provider asked for it by <see cref="FlowProvider.CancelProxy"/>.</summary>
    ProviderFailed,

    /// <summary>The start of the proxy did not succeed.</summary>
    StartFailed,
}
