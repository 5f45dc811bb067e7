using System.Net;
using System.Text;
using DnsFlow.Protocol;

namespace DnsFlow.Tests.Protocol;

public class ResourceRecordTests
{
    [Fact]
    public void TryGetAddress_AddressRecords_GiveIt()
    {
        Assert.True(Create(RecordType.A, "192.0.2.1").TryGetAddress(out var four));
        Assert.Equal(IPAddress.Parse("192.0.2.1"), four);
        Assert.True(Create(RecordType.AAAA, "2001:db8::1").TryGetAddress(out var six));
        Assert.Equal(IPAddress.Parse("2001:db8::1"), six);
        Assert.False(Create(RecordType.NS, "a.").TryGetAddress(out _));
        Assert.False(new ResourceRecord(DomainName.Root, RecordType.A, RecordClass.IN, 0, new byte[3]).TryGetAddress(out _));
    }

    [Fact]
    public void TryGetTarget_NameRecords_GiveIt()
    {
        Assert.True(Create(RecordType.CNAME, "a.example.").TryGetTarget(out var target));
        Assert.Equal(DomainName.Parse("a.example."), target);
        Assert.False(Create(RecordType.MX, "1 a.example.").TryGetTarget(out _));
    }

    [Fact]
    public void TryGetStrings_Text_GivesEach()
    {
        Assert.True(Create(RecordType.TXT, "one \"\" \"two words\"").TryGetStrings(out var strings));
        Assert.Equal(["one", "", "two words"], strings.Select(octets => Encoding.ASCII.GetString(octets.Span)));
        Assert.False(new ResourceRecord(DomainName.Root, RecordType.TXT, RecordClass.IN, 0, new byte[] { 9 }).TryGetStrings(out _));
    }

    [Fact]
    public void TypedFields_OfTheirRecords_AreRead()
    {
        Assert.True(StartOfAuthority.TryRead(Create(RecordType.SOA, "a. b. 1 2 3 4 5"), out var soa));
        Assert.Equal(new StartOfAuthority(DomainName.Parse("a."), DomainName.Parse("b."), 1, 2, 3, 4, 5), soa);
        Assert.True(MailExchange.TryRead(Create(RecordType.MX, "10 a."), out var mx));
        Assert.Equal(new MailExchange(10, DomainName.Parse("a.")), mx);
        Assert.True(ServiceLocation.TryRead(Create(RecordType.SRV, "1 2 3 a."), out var srv));
        Assert.Equal(new ServiceLocation(1, 2, 3, DomainName.Parse("a.")), srv);
    }

    [Fact]
    public void TypedFields_OfOtherOrMalformedRecords_AreNot()
    {
        var other = Create(RecordType.A, "192.0.2.1");
        Assert.False(StartOfAuthority.TryRead(other, out _) || MailExchange.TryRead(other, out _));
        Assert.False(ServiceLocation.TryRead(other, out _) || ServiceBinding.TryRead(other, out _));
        foreach (var type in new[] { RecordType.SOA, RecordType.MX, RecordType.SRV, RecordType.HTTPS })
        {
            var cut = new ResourceRecord(DomainName.Root, type, RecordClass.IN, 0, new byte[] { 0 });
            Assert.False(StartOfAuthority.TryRead(cut, out _) || MailExchange.TryRead(cut, out _));
            Assert.False(ServiceLocation.TryRead(cut, out _) || ServiceBinding.TryRead(cut, out _));
        }
    }

    [Fact]
    public void ServiceBinding_Parameters_AreRead()
    {
        var record = Create(RecordType.HTTPS, "1 a. alpn=h2,h3 port=8443 ipv4hint=192.0.2.1 ipv6hint=2001:db8::1,2001:db8::2 key667=x");
        Assert.True(ServiceBinding.TryRead(record, out var binding));
        Assert.False(binding.IsAlias);
        Assert.Equal(["h2", "h3"], binding.Protocols);
        Assert.Equal((ushort)8443, binding.Port);
        Assert.Equal(["192.0.2.1", "2001:db8::1", "2001:db8::2"], binding.AddressHints.Select(address => address.ToString()));
        Assert.Equal("x"u8, binding.Parameters[667].Span);
        Assert.True(ServiceBinding.TryRead(Create(RecordType.SVCB, "0 b."), out var alias));
        Assert.True(alias.IsAlias && alias.Port is null && alias.Protocols.Count == 0 && alias.AddressHints.Count == 0);
    }

    [Fact]
    public void Equals_Records_IgnoresCaseOfTheOwnerOnly()
    {
        var record = ResourceRecord.Create("a.", 1, RecordType.TXT, "x");
        Assert.Equal(record, ResourceRecord.Create("A.", 1, RecordType.TXT, "x"));
        Assert.NotEqual(record, ResourceRecord.Create("a.", 1, RecordType.TXT, "X"));
        Assert.NotEqual(record, record.WithTimeToLive(2));
        Assert.Equal(record.GetHashCode(), ResourceRecord.Create("A.", 1, RecordType.TXT, "x").GetHashCode());
    }

    private static ResourceRecord Create(RecordType type, string rdata) => ResourceRecord.Create("example.", 60, type, rdata);
}
