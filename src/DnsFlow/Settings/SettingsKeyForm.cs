namespace DnsFlow.Settings;

/// <summary>What stands at a key.</summary>
public enum SettingsKeyForm
{
    /// <summary>One value.</summary>
    Value,

    /// <summary>A list of values.</summary>
    List,

    /// <summary>An object.</summary>
    Object,

    /// <summary>A list of objects.</summary>
    ObjectList,

    /// <summary>Objects by name.</summary>
    Map,

    /// <summary>Known, but not supported by this version.</summary>
    Later,
}
