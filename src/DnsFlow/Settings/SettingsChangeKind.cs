namespace DnsFlow.Settings;

/// <summary>How a configuration differs from another one at one place.</summary>
public enum SettingsChangeKind
{
    /// <summary>It is new.</summary>
    Added,

    /// <summary>It is gone.</summary>
    Removed,

    /// <summary>It has another value.</summary>
    Changed,

    /// <summary>It stands at another place of a list whose order matters.</summary>
    Moved,
}
