namespace DnsFlow.Service.Commands;

/// <summary>How much the program says.</summary>
internal enum Verbosity
{
    /// <summary>What a person wants to know.</summary>
    Normal,

    /// <summary>Only what is wrong.</summary>
    Quiet,

    /// <summary>What helps to find a fault.</summary>
    Verbose,
}
