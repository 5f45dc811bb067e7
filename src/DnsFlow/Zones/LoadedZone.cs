namespace DnsFlow.Zones;

/// <summary>A zone and the files that make it: as long as they are unchanged, it need not be read again.</summary>
/// <param name="Zone">The zone.</param>
/// <param name="Files">The zone file and all it includes.</param>
internal sealed record LoadedZone(Zone Zone, IReadOnlyList<FileStamp> Files)
{
    /// <summary>Whether all files are as they were.</summary>
    public bool IsCurrent => Files.All(file => file.IsCurrent);
}
