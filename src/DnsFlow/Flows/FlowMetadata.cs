namespace DnsFlow.Flows;

/// <summary>Who asks. Every part may be missing; a rule that needs a missing part does not match.</summary>
/// <param name="AppId">The application: the systemd unit when there is one, else the path of the executable.</param>
/// <param name="AppUniqueId">A digest that tells two builds of one application apart.</param>
/// <param name="Process">The process.</param>
/// <param name="Uid">The user id.</param>
/// <param name="CgroupId">The cgroup's id (Linux, cgroup v2).</param>
/// <param name="Unit">The systemd unit.</param>
/// <param name="Executable">The path of the executable.</param>
/// <param name="Status">How far all this is known.</param>
public sealed record FlowMetadata(
    string? AppId, string? AppUniqueId, ProcessToken? Process, uint? Uid, ulong? CgroupId, string? Unit, string? Executable, FlowMetadataStatus Status)
{
    /// <summary>Nothing is known.</summary>
    public static FlowMetadata Unknown { get; } = new(null, null, null, null, null, null, null, FlowMetadataStatus.Unsupported);
}
