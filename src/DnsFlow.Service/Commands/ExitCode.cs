namespace DnsFlow.Service.Commands;

/// <summary>What the program ends with, after sysexits.h where that has a number.</summary>
internal static class ExitCode
{
    /// <summary>All went well.</summary>
    public const int Good = 0;

    /// <summary>A negative answer, or differences.</summary>
    public const int Negative = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>An address cannot be bound or reached.</summary>
    public const int Unavailable = 69;

    /// <summary>Not allowed to.</summary>
    public const int NoPermission = 77;

    /// <summary>The configuration is wrong.</summary>
    public const int Configuration = 78;
}
