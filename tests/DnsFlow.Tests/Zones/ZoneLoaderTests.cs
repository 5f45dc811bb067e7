using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Zones;
using static DnsFlow.Tests.Zones.ZoneAsker;

namespace DnsFlow.Tests.Zones;

public sealed class ZoneLoaderTests : IDisposable
{
    private const string Head = "$TTL 1h\n@ SOA ns h 1 2 3 4 5\n NS ns.else.\n";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dnsflow-zones-");

    public void Dispose() => _folder.Delete(recursive: true);

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
        var bytes = ZoneLoader.Load(_folder.FullName, hosts).Store!.Bytes;

        Assert.True(ZoneLoader.Load(_folder.FullName, hosts, maxBytes: bytes).IsLoaded);
        var result = ZoneLoader.Load(_folder.FullName, hosts, maxBytes: bytes / 2);
        var error = Assert.Single(result.Errors);
        Assert.EndsWith("b.example.zone", error.File, StringComparison.Ordinal);
        Assert.Matches(@"^the zone does not fit into the memory for zones, \d+ KiB of Limits:Memory are left$", error.Message);
        Assert.False(result.IsLoaded);
    }

    [Fact]
    public void Load_ZoneThatFillsTheMemoryWhileItIsRead_IsRefusedAtItsLine()
    {
        Write("b.example.zone", Head + string.Concat(Enumerable.Range(0, 1_000).Select(i => $"h{i} A 192.0.2.1\n")));
        var error = Assert.Single(ZoneLoader.Load(_folder.FullName, maxBytes: 8_000).Errors);
        Assert.InRange(error.Line, 50, 200);
        Assert.StartsWith("the zone does not fit into the memory for zones", error.Message, StringComparison.Ordinal);
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
    public void Load_UnchangedZone_CountsItsMemoryToo()
    {
        Write("a.example.zone", Head + "a A 192.0.2.1\n");
        var first = ZoneLoader.Load(_folder.FullName).Store!;
        Write("b.example.zone", Head + string.Concat(Enumerable.Range(0, 50).Select(i => $"h{i} A 192.0.2.1\n")));
        var both = ZoneLoader.Load(_folder.FullName, previous: first);
        Assert.Equal(ZoneLoader.Load(_folder.FullName).Store!.Bytes, both.Store!.Bytes);
        Assert.EndsWith("b.example.zone", Assert.Single(ZoneLoader.Load(_folder.FullName, previous: first, maxBytes: both.Store.Bytes - 1_000).Errors).File, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_NamedFileInTheFolder_IsReadOnce()
    {
        var file = Write("lan.zone", Head);

        Assert.True(ZoneLoader.Load(_folder.FullName, Named("home", new ZoneOptions { Origin = "lan", File = file })).IsLoaded);
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

        var error = Assert.Single(ZoneLoader.Load(_folder.FullName).Errors);

        Assert.EndsWith("lan.zone", error.File, StringComparison.Ordinal);
        Assert.Contains("a.zone", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_SeveralBrokenFiles_TellsTheErrorsOfAll()
    {
        Write("a.zone", Head + "x A 1\n");
        Write("b.zone", Head + "x NOPE 1\n");

        Assert.Equal(2, ZoneLoader.Load(_folder.FullName).Errors.Select(error => error.File).Distinct().Count());
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
        var missing = Path.Combine(_folder.FullName, "none");

        Assert.True(ZoneLoader.Load(missing).IsLoaded);
        Assert.Contains("cannot be read", Assert.Single(ZoneLoader.Load(null, Named("x", new ZoneOptions { File = missing })).Errors).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be read", Assert.Single(ZoneLoader.Load(null, Named("x", new ZoneOptions { HostsFile = missing })).Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_Include_OriginAndOwnerComeBackBehindIt()
    {
        // RFC 1035 section 5.1: "an $INCLUDE entry never changes the relative origin of the parent file".
        Write("hosts.inc", "b A 192.0.2.2\n$ORIGIN other.\n");
        Write("lan.zone", Head + "a A 192.0.2.1\n$INCLUDE hosts.inc sub\n A 192.0.2.3\nc A 192.0.2.4\n");
        var step = Load();

        Assert.Equal(2, Ask(step, "a.lan. A").Answers.Count);
        Assert.Single(Ask(step, "b.sub.lan. A").Answers);
        Assert.Single(Ask(step, "c.lan. A").Answers);
    }

    [Fact]
    public void Load_ErrorInAnIncludedFile_NamesThatFile()
    {
        Write("hosts.inc", "\nb A 1\n");
        Write("lan.zone", Head + "$INCLUDE hosts.inc\n");

        Assert.Contains("hosts.inc:2: A: ", Assert.Single(ZoneLoader.Load(_folder.FullName).Errors).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../outside.inc")]
    [InlineData("/etc/hostname")]
    [InlineData("link.inc")]
    [InlineData("away/outside.inc")]
    public void Load_IncludeThatLeavesTheFolder_IsRefused(string name)
    {
        var zones = _folder.CreateSubdirectory("zones");
        var outside = Write("outside.inc", "a A 192.0.2.1\n");
        File.CreateSymbolicLink(Path.Combine(zones.FullName, "link.inc"), outside);
        Directory.CreateSymbolicLink(Path.Combine(zones.FullName, "away"), _folder.FullName);
        Write("zones/lan.zone", Head + $"$INCLUDE {name}\n");

        var error = Assert.Single(ZoneLoader.Load(zones.FullName).Errors);

        Assert.Equal(4, error.Line);
        Assert.Contains("leaves the folder", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_IncludeLoop_IsNamedWithItsFiles()
    {
        Write("lan.zone", Head + "$INCLUDE a.inc\n");
        Write("a.inc", "x A 192.0.2.1\n$INCLUDE b.inc\n");
        Write("b.inc", "$INCLUDE ./a.inc\n");

        var error = Assert.Single(ZoneLoader.Load(_folder.FullName).Errors);

        Assert.EndsWith("b.inc", error.File, StringComparison.Ordinal);
        Assert.Equal((1, "$INCLUDE of './a.inc' goes round in a circle: a.inc includes b.inc includes a.inc"), (error.Line, error.Message));
    }

    [Fact]
    public void Load_IncludeThroughALink_IsStillALoop()
    {
        Write("lan.zone", Head + "$INCLUDE again.inc\n");
        File.CreateSymbolicLink(Path.Combine(_folder.FullName, "again.inc"), Path.Combine(_folder.FullName, "lan.zone"));

        Assert.Contains("lan.zone includes lan.zone", Assert.Single(ZoneLoader.Load(_folder.FullName).Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_IncludesTooDeep_EndAtTheBound()
    {
        Write("lan.zone", Head + "$INCLUDE 1.inc\n");
        for (var i = 1; i <= 9; i++)
        {
            Write($"{i}.inc", $"$INCLUDE {i + 1}.inc\n");
        }

        Assert.Contains("8 deep", Assert.Single(ZoneLoader.Load(_folder.FullName).Errors).Message, StringComparison.Ordinal);
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
    public void Load_HostsFileWithoutReverse_MakesNoPtr()
    {
        var file = Write("hosts", "192.0.2.1 a\n");
        var step = new ZoneStep(ZoneLoader.Load(null, Named("x", new ZoneOptions { HostsFile = file, Reverse = false })).Store!);

        Assert.Single(Ask(step, "a. A").Answers);
        Assert.Equal(StepResult.Continue, Ask(step, "1.2.0.192.in-addr.arpa. PTR").Result);
    }

    [Fact]
    public void Load_Again_TakesOverWhatIsUnchanged()
    {
        Write("same.zone", Head + "$INCLUDE same.inc\n");
        Write("same.inc", "a A 192.0.2.1\n");
        var changing = Write("changing.zone", Head + "a A 192.0.2.1\n");
        var first = ZoneLoader.Load(_folder.FullName).Store!;

        File.WriteAllText(changing, Head + "a A 192.0.2.22\n");
        var second = ZoneLoader.Load(_folder.FullName, previous: first).Store!;
        Assert.Same(Zone(first, "same."), Zone(second, "same."));
        Assert.Equal(["a.changing. 3600 A 192.0.2.22"], Ask(new ZoneStep(second), "a.changing. A").Answers);

        Write("same.inc", "a A 192.0.2.33\n");
        Assert.NotSame(Zone(second, "same."), Zone(ZoneLoader.Load(_folder.FullName, previous: second).Store!, "same."));
    }

    [Fact]
    public void Load_AgainWithHostsInTheZone_ReadsItAnew()
    {
        Write("lan.zone", Head);
        var first = ZoneLoader.Load(_folder.FullName).Store!;
        var hosts = Write("hosts", "192.0.2.1 a.lan\n");

        var second = ZoneLoader.Load(_folder.FullName, Named("h", new ZoneOptions { HostsFile = hosts }), previous: first).Store!;

        Assert.Single(Ask(new ZoneStep(second), "a.lan. A").Answers);
    }

    private static Zone? Zone(ZoneStore store, string apex) => store.Table.Find(DomainName.Parse(apex).Wire);

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
        var file = Path.Combine(_folder.FullName, "lan.zone");
        using (var stream = File.Create(file))
        {
            stream.SetLength(ZoneFileContent.MaxBytes + 1);
        }

        Assert.Contains("larger than 64 MiB", Assert.Single(ZoneLoader.Load(_folder.FullName).Errors).Message, StringComparison.Ordinal);
    }

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
        var step = new ZoneStep(ZoneLoader.Load(_folder.FullName, Named("hosts", new ZoneOptions { HostsFile = hosts })).Store!);

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

    private static Dictionary<string, ZoneOptions> Named(string name, ZoneOptions options) => new() { [name] = options };

    private ZoneStep Load()
    {
        var result = ZoneLoader.Load(_folder.FullName);
        Assert.Empty(result.Errors);
        return new ZoneStep(result.Store!);
    }

    private ZoneStep LoadHosts(string text)
    {
        var result = ZoneLoader.Load(null, Named("hosts", new ZoneOptions { HostsFile = Write("hosts", text) }));
        Assert.Empty(result.Errors);
        return new ZoneStep(result.Store!);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
