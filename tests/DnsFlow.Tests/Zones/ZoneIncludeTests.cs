using DnsFlow.Zones;
using static DnsFlow.Tests.Zones.ZoneAsker;

namespace DnsFlow.Tests.Zones;

/// <summary>What <c>$INCLUDE</c> may read and what it leaves behind (RFC 1035 section 5.1).</summary>
public sealed class ZoneIncludeTests : ZoneFolderTests
{
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

        Assert.Contains("hosts.inc:2: A: ", Assert.Single(ZoneLoader.Load(Folder.FullName).Errors).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../outside.inc")]
    [InlineData("/etc/hostname")]
    [InlineData("link.inc")]
    [InlineData("away/outside.inc")]
    public void Load_IncludeThatLeavesTheFolder_IsRefused(string name)
    {
        var zones = Folder.CreateSubdirectory("zones");
        var outside = Write("outside.inc", "a A 192.0.2.1\n");
        File.CreateSymbolicLink(Path.Combine(zones.FullName, "link.inc"), outside);
        Directory.CreateSymbolicLink(Path.Combine(zones.FullName, "away"), Folder.FullName);
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

        var error = Assert.Single(ZoneLoader.Load(Folder.FullName).Errors);

        Assert.EndsWith("b.inc", error.File, StringComparison.Ordinal);
        Assert.Equal((1, "$INCLUDE of './a.inc' goes round in a circle: a.inc includes b.inc includes a.inc"), (error.Line, error.Message));
    }

    [Fact]
    public void Load_IncludeThroughALink_IsStillALoop()
    {
        Write("lan.zone", Head + "$INCLUDE again.inc\n");
        File.CreateSymbolicLink(Path.Combine(Folder.FullName, "again.inc"), Path.Combine(Folder.FullName, "lan.zone"));

        Assert.Contains("lan.zone includes lan.zone", Assert.Single(ZoneLoader.Load(Folder.FullName).Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_IncludesTooDeep_EndAtTheBound()
    {
        Write("lan.zone", Head + "$INCLUDE 1.inc\n");
        for (var i = 1; i <= 9; i++)
        {
            Write($"{i}.inc", $"$INCLUDE {i + 1}.inc\n");
        }

        Assert.Contains("8 deep", Assert.Single(ZoneLoader.Load(Folder.FullName).Errors).Message, StringComparison.Ordinal);
    }
}
