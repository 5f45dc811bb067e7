using System.Text;
using DnsFlow.Lists;

namespace DnsFlow.Tests.Lists;

/// <summary>Bad input: each kind ends in one clear message.</summary>
public sealed class ListLimitTests
{
    public static TheoryData<byte[], string> Bad => new()
    {
        { [0xFF, 0xFE, (byte)'a', 0, (byte)'.', 0], "it is in UTF-16; a list is a text in ASCII or UTF-8" },
        { [0, (byte)'a', 0, (byte)'.'], "it is in UTF-16; a list is a text in ASCII or UTF-8" },
        { "a.example\nb.exa\0mple\n"u8.ToArray(), "line 2 has a NUL octet; a list is a text in ASCII or UTF-8" },
        { "\n <!DOCTYPE html><title>404</title>"u8.ToArray(), "it is a web page, not a list" },
        { [0x1F, 0x8B, 8, 0], "it is compressed; a list is a text in ASCII or UTF-8" },
        { "Not Found"u8.ToArray(), "no line of its beginning is an entry of a list" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void Read_NoList_IsRefusedWithTheReason(byte[] text, string reason)
    {
        Assert.Null(TestLists.Read(text, out var problem));
        Assert.StartsWith(reason, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_LongLine_IsSkippedAndTheNextRead()
    {
        var list = TestLists.Read("a.example\n" + new string('x', 4_097) + "\nb.example\n#" + new string('x', 200_000) + "\nc.example");
        Assert.Equal(2, list.Sources[0].Skipped[SkipReason.TooLong]);
        Assert.Equal([1, 3, 5], new[] { "a.example", "b.example", "c.example" }.Select(name => TestLists.Line(list, name)));
    }

    [Fact]
    public void Read_MoreThanMaxEntries_IsRefused()
    {
        var text = Encoding.ASCII.GetBytes(string.Join('\n', Enumerable.Range(0, 11).Select(i => $"n{i}.example")));
        Assert.NotNull(TestLists.Read(text, out _, new ListOptions { MaxEntries = 11 }));
        Assert.Null(TestLists.Read(text, out var problem, new ListOptions { MaxEntries = 10 }));
        Assert.Equal("it has more than 10 entries (MaxEntries)", problem);
    }

    [Fact]
    public void Read_MoreExpressionsThanAreTried_SkipsTheRest()
    {
        var list = TestLists.Read(string.Join('\n', Enumerable.Range(0, 1_002).Select(i => $"/ads{i}[a-z]+tracker/")));
        Assert.Equal(1_000, list.Count);
        Assert.Equal(2, list.Sources[0].Skipped[SkipReason.TooManyExpressions]);
    }

    [Fact]
    public void Read_MorePatternsForEveryNameThanAreKept_SkipsTheRest()
    {
        var list = TestLists.Read(string.Join('\n', Enumerable.Range(0, 103).Select(i => $"/^[a-z]{{{i + 1}}}[0-9]\\./").Append("/^ads[0-9]/")));
        Assert.Equal(101, list.Count);
        Assert.Equal(3, list.Sources[0].Skipped[SkipReason.TooManyUnanchored]);
    }

    [Fact]
    public void Read_MoreThanItsMemory_IsRefused()
    {
        var text = Encoding.ASCII.GetBytes(string.Join('\n', Enumerable.Range(0, 2_000).Select(i => $"n{i}.example")));
        Assert.Null(TestLists.Read(text, out var problem, maxBytes: 20_000));
        Assert.StartsWith("it does not fit into the memory for lists", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_MoreThanFiveMillionLines_IsRefused()
    {
        var text = new byte[(2 * 5_000_001) + 10];
        Array.Fill(text, (byte)'\n');
        "a.example\n"u8.CopyTo(text);
        Assert.Null(TestLists.Read(text, out var problem));
        Assert.Equal("it has more than 5,000,000 lines, the most that are read", problem);
    }

    [Fact]
    public void Read_CommentsOnly_IsAnEmptyList() => Assert.Equal(0, TestLists.Read("# nothing yet\n\n! nor here\n").Count);
}
