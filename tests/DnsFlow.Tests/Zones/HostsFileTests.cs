using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Zones;
using static DnsFlow.Tests.Zones.ZoneAsker;

namespace DnsFlow.Tests.Zones;

public sealed class HostsFileTests : ZoneFolderTests
{
    [Fact]
    public void Load_HostsFile_AnswersAddressesAndNames()
    {
        var step = LoadHosts("127.0.0.1 localhost\n192.0.2.1  NAS.lan nas # the box\n2001:db8::1\tnas.lan\nfe80::1%lo0 x.lan\n0.0.0.0 blocked.lan\n");

        Assert.Equal(["nas.lan. 300 A 192.0.2.1"], Ask(step, "nas.lan. A").Answers);
        Assert.Equal(["nas.lan. 300 AAAA 2001:db8::1"], Ask(step, "nas.lan. AAAA").Answers);
        Assert.Equal(["nas. 300 A 192.0.2.1"], Ask(step, "nas. A").Answers);
        Assert.Equal(["1.2.0.192.in-addr.arpa. 300 PTR nas.lan."], Ask(step, "1.2.0.192.in-addr.arpa. PTR").Answers);
        Assert.Single(Ask(step, "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. PTR").Answers);
        Assert.Equal(["blocked.lan. 300 A 0.0.0.0"], Ask(step, "blocked.lan. A").Answers);
    }

    [Theory]
    [InlineData("other.lan. A")]
    [InlineData("x.nas.lan. A")]
    [InlineData("lan. A")]
    [InlineData("x.lan. AAAA")]
    [InlineData("0.0.0.0.in-addr.arpa. PTR")]
    public void Load_HostsFile_KnowsNothingElse(string question) => Assert.Equal(
        StepResult.Continue, Ask(LoadHosts("192.0.2.1 nas.lan\nfe80::1%lo0 x.lan\n0.0.0.0 nas.lan\n"), question).Result);

    [Fact]
    public void Load_HostsFileName_HasNoOtherTypes()
    {
        var reply = Ask(LoadHosts("192.0.2.1 nas.lan\n"), "nas.lan. AAAA");

        Assert.Equal(ResponseCode.NoError, reply.Code);
        Assert.StartsWith("nas.lan. 300 SOA ", Assert.Single(reply.Authorities), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_HostsFileNameInAZone_JoinsTheZone()
    {
        Write("lan.zone", Head + "nas TXT box\nalias CNAME nas\n");
        var hosts = Write("hosts", "192.0.2.1 nas.lan\n192.0.2.2 alias.lan\n");
        var step = new ZoneStep(ZoneLoader.Load(Folder.FullName, Named("hosts", new ZoneOptions { HostsFile = hosts })).Store!);

        Assert.Single(Ask(step, "nas.lan. TXT").Answers);
        Assert.Equal(["alias.lan. 3600 CNAME nas.lan.", "nas.lan. 300 A 192.0.2.1"], Ask(step, "alias.lan. A").Answers);
    }

    [Theory]
    [InlineData("nas 192.0.2.1", "'nas' is not an address")]
    [InlineData("192.0.2.1", "has no name")]
    [InlineData("192.0.2.1 a..b", "'a..b' is not a host name")]
    [InlineData("192.0.2 a", "'192.0.2' is not an address")]
    [InlineData("0x7f000001 a", "'0x7f000001' is not an address")]
    [InlineData("[::1] a", "'[::1]' is not an address")]
    public void Load_BrokenHostsFile_TellsLineAndWhy(string line, string message)
    {
        var hosts = Write("hosts", "# comment\n" + line + "\n");

        var error = Assert.Single(ZoneLoader.Load(null, Named("hosts", new ZoneOptions { HostsFile = hosts })).Errors);

        Assert.Equal(2, error.Line);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_HostsFileBeyondTheMemory_IsRefused()
    {
        var hosts = Named("hosts", new ZoneOptions { HostsFile = Write("hosts", string.Concat(Enumerable.Range(0, 200).Select(i => $"192.0.2.{i} h{i}\n"))) });
        Assert.Contains("memory for zones", Assert.Single(ZoneLoader.Load(null, hosts, maxBytes: 10_000).Errors).Message, StringComparison.Ordinal);
        Assert.Contains("memory for zones", Assert.Single(ZoneLoader.Load(null, hosts, maxBytes: 50_000).Errors).Message, StringComparison.Ordinal);
        Assert.True(ZoneLoader.Load(null, hosts, maxBytes: 1 << 20).IsLoaded);
    }

    [Fact]
    public void Load_HostsFileWithoutReverse_MakesNoPtr()
    {
        var file = Write("hosts", "192.0.2.1 a\n");
        var step = new ZoneStep(ZoneLoader.Load(null, Named("x", new ZoneOptions { HostsFile = file, Reverse = false })).Store!);

        Assert.Single(Ask(step, "a. A").Answers);
        Assert.Equal(StepResult.Continue, Ask(step, "1.2.0.192.in-addr.arpa. PTR").Result);
    }

    private ZoneStep LoadHosts(string text)
    {
        var result = ZoneLoader.Load(null, Named("hosts", new ZoneOptions { HostsFile = Write("hosts", text) }));
        Assert.Empty(result.Errors);
        return new ZoneStep(result.Store!);
    }
}
