using DnsFlow.Protocol;
using DnsFlow.Tests.Repository;
using DnsFlow.Zones;
using static DnsFlow.Tests.Zones.ZoneAsker;

namespace DnsFlow.Tests.Zones;

/// <summary>The zones a newcomer finds in zones/, and the answers the README shows.</summary>
public class SampleZonesTests
{
    private static readonly ZoneStep s_step = new(ZoneLoader.Load(Path.Combine(SourceTree.Root, "zones")).Store!);

    [Theory]
    [InlineData("router.home.arpa. A", "router.home.arpa. 3600 A 192.0.2.1")]
    [InlineData("router.home.arpa. AAAA", "router.home.arpa. 3600 AAAA 2001:db8::1")]
    [InlineData("dnsflow.home.arpa. TXT", "dnsflow.home.arpa. 3600 TXT \"You asked DnsFlow, and it answered from zones/home.arpa.zone.\"")]
    [InlineData("home.arpa. MX", "home.arpa. 3600 MX 10 nas.home.arpa.")]
    [InlineData("_ipp._tcp.home.arpa. SRV", "_ipp._tcp.home.arpa. 3600 SRV 0 0 631 printer.home.arpa.")]
    [InlineData("wiki.apps.home.arpa. A", "wiki.apps.home.arpa. 3600 A 192.0.2.10")]
    [InlineData("status.apps.home.arpa. A", "status.apps.home.arpa. 3600 A 192.0.2.2")]
    [InlineData("1.2.0.192.in-addr.arpa. PTR", "1.2.0.192.in-addr.arpa. 3600 PTR router.home.arpa.")]
    public void SampleZones_AskedForWhatTheReadmeShows_Answer(string question, string answer) =>
        Assert.Equal([answer], Ask(s_step, question).Answers);

    [Fact]
    public void SampleZones_UnknownName_IsNXDomain() => Assert.Equal(ResponseCode.NXDomain, Ask(s_step, "nobody.home.arpa. A").Code);
}
