namespace DnsFlow.Limits;

/// <summary>How much memory this process may use.</summary>
internal static class ProcessMemory
{
    /// <summary>
    /// Octets that the system leaves to the managed heap: what the machine has, or three quarters of what the container (cgroup) may use, or the
    /// heap's own hard limit, whichever is least.
    /// </summary>
    public static long Available { get; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
}
