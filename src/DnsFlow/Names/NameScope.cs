namespace DnsFlow.Names;

/// <summary>Which names a pattern covers.</summary>
public enum NameScope : byte
{
    /// <summary>The name and everything below it: <c>corp.example</c>.</summary>
    AtAndBelow,

    /// <summary>Only the name: <c>=host.example</c>.</summary>
    Exact,

    /// <summary>Only what is below the name: <c>*.lab.example</c>.</summary>
    Below,
}
