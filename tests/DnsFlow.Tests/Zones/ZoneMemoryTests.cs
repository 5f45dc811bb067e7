using DnsFlow.Protocol;
using DnsFlow.TestKit;
using DnsFlow.Zones;
using Xunit.Abstractions;

namespace DnsFlow.Tests.Zones;

/// <summary>
/// What zones take of the heap. Nothing else runs meanwhile, or its garbage would be measured; and what tests before it left behind (buffers that their pool gives up
/// after a while) can spoil one measurement, but hardly two of three.
/// </summary>
[Collection(AloneCollection.Name)]
public sealed class ZoneMemoryTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("zones/real/root-2017-08-21-signed.zone.gz", ".", 24)]
    [InlineData("zones/real/gov-2026-08-22.zone.gz", "gov.", 32)]
    public void Build_RealZone_TakesLittleMemory(string file, string origin, int mostMiB)
    {
        if (DnsFlowData.Folder is not { } folder)
        {
            return;
        }

        var content = ZoneDataTests.Unpack(Path.Combine(folder, file));
        long[] retained = [.. Enumerable.Range(0, 3).Select(_ => Retained(file, content, origin)).Order()];
        Assert.InRange(retained[1], 1, (long)mostMiB << 20);
    }

    private long Retained(string file, byte[] content, string origin)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var started = TimeProvider.System.GetTimestamp();
        var errors = new ZoneErrors();
        var zone = ZoneFile.Read(file, content, DomainName.Parse(origin), null, 7, errors)!.Build(errors, file)!;
        var elapsed = TimeProvider.System.GetElapsedTime(started);
        var retained = GC.GetTotalMemory(forceFullCollection: true) - before;
        output.WriteLine($"{file}: {zone.NameCount:N0} names, {elapsed.TotalMilliseconds:N0} ms, {retained / 1048576.0:N1} MiB");
        GC.KeepAlive(zone);
        return retained;
    }
}
