namespace DnsFlow.FunctionalTests.Tools;

/// <summary>A control group with a bound on memory, where the kernel ends what needs more. Root can make one, in cgroup v1 and v2.</summary>
internal sealed class MemoryCage : IDisposable
{
    private readonly string _folder;

    private MemoryCage(string folder) => _folder = folder;

    /// <summary>The file that a process writes its number to in order to go in.</summary>
    public string Door => Path.Combine(_folder, "cgroup.procs");

    /// <summary>Makes one; null where that is not allowed.</summary>
    public static MemoryCage? TryMake(long octets)
    {
        foreach (var (root, limit) in new[] { ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max") })
        {
            var folder = Path.Combine(root, $"dnsflow-test-{Environment.ProcessId}");
            try
            {
                if (Directory.Exists(root))
                {
                    Directory.CreateDirectory(folder);
                    File.WriteAllText(Path.Combine(folder, limit), octets.ToString(System.Globalization.CultureInfo.InvariantCulture));
                    return new MemoryCage(folder);
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                Remove(folder);     // read-only, not ours, or without the memory controller: the next one
            }
        }

        return null;
    }

    public void Dispose() => Remove(_folder);

    // The files in it are the kernel's and go with the folder.
    private static void Remove(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A process of the test is still on its way out; the empty group costs nothing.
        }
    }
}
