using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Zones;
using static DnsFlow.Tests.Zones.ZoneAsker;

namespace DnsFlow.Tests.Zones;

public sealed class ZoneLoaderTests : ZoneFolderTests
{
    [Fact]
    public void Load_Folder_TheFilesNameIsTheOrigin()
    {
        Write("lan.example.zone", Head + "a A 192.0.2.1\n");
        Write("notes.txt", "not a zone");

        Assert.Equal(["a.lan.example. 3600 A 192.0.2.1"], Ask(Load(), "a.lan.example. A").Answers);
    }

    [Fact]
    public void Load_FileThatStatesItsOrigin_TheSoaIsTheApex()
    {
        Write("whatever.zone", "$ORIGIN other.example.\n" + Head + "a A 192.0.2.1\n");

        Assert.Single(Ask(Load(), "a.other.example. A").Answers);
    }

    [Fact]
    public void Load_NamedZone_OriginIsAsConfigured()
    {
        var file = Write("x.db", Head + "a A 192.0.2.1\n");
        var result = ZoneLoader.Load(null, Named("home", new ZoneOptions { Origin = "lan", File = file }));

        Assert.Single(Ask(new ZoneStep(result.Store!), "a.lan. A").Answers);
    }

    [Fact]
    public void Load_ZonesThatFillTheMemory_AreTakenAndOneOctetLessIsRefused()
    {
        Write("a.example.zone", Head + "a A 192.0.2.1\n");
        Write("b.example.zone", Head + string.Concat(Enumerable.Range(0, 100).Select(i => $"h{i} A 192.0.2.1\n")));
        var hosts = Named("hosts", new ZoneOptions { HostsFile = Write("hosts", "192.0.2.1 one two three\n") });
        var bytes = ZoneLoader.Load(Folder.FullName, hosts).Store!.Bytes;

        Assert.True(ZoneLoader.Load(Folder.FullName, hosts, maxBytes: bytes).IsLoaded);
        var result = ZoneLoader.Load(Folder.FullName, hosts, maxBytes: bytes / 2);
        var error = Assert.Single(result.Errors);
        Assert.EndsWith("b.example.zone", error.File, StringComparison.Ordinal);
        Assert.Matches(@"^the zone does not fit into the memory for zones, \d+ KiB of Limits:Memory are left$", error.Message);
        Assert.False(result.IsLoaded);
    }

    [Fact]
    public void Load_ZoneThatFillsTheMemoryWhileItIsRead_IsRefusedAtItsLine()
    {
        Write("b.example.zone", Head + string.Concat(Enumerable.Range(0, 1_000).Select(i => $"h{i} A 192.0.2.1\n")));
        var error = Assert.Single(ZoneLoader.Load(Folder.FullName, maxBytes: 8_000).Errors);
        Assert.InRange(error.Line, 50, 200);
        Assert.StartsWith("the zone does not fit into the memory for zones", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_UnchangedZone_CountsItsMemoryToo()
    {
        Write("a.example.zone", Head + "a A 192.0.2.1\n");
        var first = ZoneLoader.Load(Folder.FullName).Store!;
        Write("b.example.zone", Head + string.Concat(Enumerable.Range(0, 50).Select(i => $"h{i} A 192.0.2.1\n")));
        var both = ZoneLoader.Load(Folder.FullName, previous: first);
        Assert.Equal(ZoneLoader.Load(Folder.FullName).Store!.Bytes, both.Store!.Bytes);
        Assert.EndsWith("b.example.zone", Assert.Single(ZoneLoader.Load(Folder.FullName, previous: first, maxBytes: both.Store.Bytes - 1_000).Errors).File, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_NamedFileInTheFolder_IsReadOnce()
    {
        var file = Write("lan.zone", Head);

        Assert.True(ZoneLoader.Load(Folder.FullName, Named("home", new ZoneOptions { Origin = "lan", File = file })).IsLoaded);
    }

    [Fact]
    public void Load_SoaOutsideOfTheConfiguredOrigin_IsRefused()
    {
        var file = Write("x.db", "$ORIGIN other.\n" + Head);

        var result = ZoneLoader.Load(null, Named("home", new ZoneOptions { Origin = "lan", File = file }));

        Assert.Contains(result.Errors, error => error.Line == 3 && error.Message.Contains("not in the zone 'lan.'", StringComparison.Ordinal));
        Assert.Null(result.Store);
    }

    [Fact]
    public void Load_SameZoneTwice_IsRefusedWithBothFiles()
    {
        Write("a.zone", "$ORIGIN lan.\n" + Head);
        Write("lan.zone", Head);

        var error = Assert.Single(ZoneLoader.Load(Folder.FullName).Errors);

        Assert.EndsWith("lan.zone", error.File, StringComparison.Ordinal);
        Assert.Contains("a.zone", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_SeveralBrokenFiles_TellsTheErrorsOfAll()
    {
        Write("a.zone", Head + "x A 1\n");
        Write("b.zone", Head + "x NOPE 1\n");

        Assert.Equal(2, ZoneLoader.Load(Folder.FullName).Errors.Select(error => error.File).Distinct().Count());
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("lan", null, null)]
    [InlineData(null, "a", "b")]
    [InlineData("lan", null, "b")]
    [InlineData(null, "a\0b", null)]
    public void Load_OptionsThatSayTooLittleOrTooMuch_AreRefused(string? origin, string? file, string? hosts)
    {
        var result = ZoneLoader.Load(null, Named("x", new ZoneOptions { Origin = origin, File = file, HostsFile = hosts }));

        Assert.Equal("DnsFlow:Zones:x", Assert.Single(result.Errors).File);
    }

    [Fact]
    public void Load_FileOrFolderThatIsNotThere_IsAnErrorOrNothing()
    {
        var missing = Path.Combine(Folder.FullName, "none");

        Assert.True(ZoneLoader.Load(missing).IsLoaded);
        Assert.Contains("cannot be read", Assert.Single(ZoneLoader.Load(null, Named("x", new ZoneOptions { File = missing })).Errors).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be read", Assert.Single(ZoneLoader.Load(null, Named("x", new ZoneOptions { HostsFile = missing })).Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_Reverse_MakesOnePtrForEachAddress()
    {
        var file = Write("x.db", Head + "a A 192.0.2.1\nb A 192.0.2.1\nb AAAA 2001:db8::1\n*.w A 192.0.2.2\nsub NS ns.sub\nns.sub A 192.0.2.3\n");
        var step = new ZoneStep(ZoneLoader.Load(null, Named("x", new ZoneOptions { Origin = "lan", File = file, Reverse = true })).Store!);

        Assert.Equal(["1.2.0.192.in-addr.arpa. 3600 PTR a.lan."], Ask(step, "1.2.0.192.in-addr.arpa. PTR").Answers);
        Assert.Equal(StepResult.Continue, Ask(step, "2.2.0.192.in-addr.arpa. PTR").Result);
        Assert.Equal(StepResult.Continue, Ask(step, "3.2.0.192.in-addr.arpa. PTR").Result);
        Assert.Single(Ask(step, "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. PTR").Answers);
    }

    [Fact]
    public void Load_Again_TakesOverWhatIsUnchanged()
    {
        Write("same.zone", Head + "$INCLUDE same.inc\n");
        Write("same.inc", "a A 192.0.2.1\n");
        var changing = Write("changing.zone", Head + "a A 192.0.2.1\n");
        var first = ZoneLoader.Load(Folder.FullName).Store!;

        File.WriteAllText(changing, Head + "a A 192.0.2.22\n");
        var second = ZoneLoader.Load(Folder.FullName, previous: first).Store!;
        Assert.Same(Zone(first, "same."), Zone(second, "same."));
        Assert.Equal(["a.changing. 3600 A 192.0.2.22"], Ask(new ZoneStep(second), "a.changing. A").Answers);

        Write("same.inc", "a A 192.0.2.33\n");
        Assert.NotSame(Zone(second, "same."), Zone(ZoneLoader.Load(Folder.FullName, previous: second).Store!, "same."));
    }

    [Fact]
    public void Load_AgainWithHostsInTheZone_ReadsItAnew()
    {
        Write("lan.zone", Head);
        var first = ZoneLoader.Load(Folder.FullName).Store!;
        var hosts = Write("hosts", "192.0.2.1 a.lan\n");

        var second = ZoneLoader.Load(Folder.FullName, Named("h", new ZoneOptions { HostsFile = hosts }), previous: first).Store!;

        Assert.Single(Ask(new ZoneStep(second), "a.lan. A").Answers);
    }

    [Fact]
    public void Load_MoreRecordsThanAllowed_IsRefusedWithItsLine()
    {
        var file = Write("x.db", Head + "a A 192.0.2.1\n$GENERATE 1-1000000 b A 192.0.2.1\n");

        var error = Assert.Single(ZoneLoader.Load(null, Named("x", new ZoneOptions { Origin = "lan", File = file, MaxRecords = 10 })).Errors);

        Assert.Equal(5, error.Line);
        Assert.StartsWith("the zone has more than 10 records, the most that MaxRecords allows", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_FileBeyondTheBound_IsRefused()
    {
        var file = Path.Combine(Folder.FullName, "lan.zone");
        using (var stream = File.Create(file))
        {
            stream.SetLength(ZoneFileContent.MaxBytes + 1);
        }

        Assert.Contains("larger than 64 MiB", Assert.Single(ZoneLoader.Load(Folder.FullName).Errors).Message, StringComparison.Ordinal);
    }

    private static Zone? Zone(ZoneStore store, string apex) => store.Table.Find(DomainName.Parse(apex).Wire);
}
