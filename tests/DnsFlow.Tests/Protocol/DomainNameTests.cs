using System.Text;
using DnsFlow.Protocol;
using FsCheck;
using FsCheck.Fluent;

namespace DnsFlow.Tests.Protocol;

public class DomainNameTests
{
    [Theory]
    [InlineData("example.", "076578616D706C6500")]
    [InlineData("Example", "074578616D706C6500")]
    [InlineData(".", "00")]
    [InlineData("@", "00")]
    [InlineData(@"a\.b.c.", "03612E62016300")]
    [InlineData(@"\000\255.", "0200FF00")]
    [InlineData(@"a\ b.", "03612062" + "00")]
    [InlineData("*.example.", "012A076578616D706C6500")]
    public void TryParse_LegalText_GivesItsWireForm(string text, string hex)
    {
        Assert.True(DomainName.TryParse(text, out var name));
        Assert.Equal(hex, Convert.ToHexString(name.Wire));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData("..")]
    [InlineData(".a")]
    [InlineData("a\\")]
    [InlineData("a\\25")]
    [InlineData("a\\256")]
    [InlineData("bücher.example")]
    public void TryParse_MalformedText_SaysWhy(string text)
    {
        Assert.False(DomainName.TryParse(text, DomainName.Root, out var name, out var error));
        Assert.Null(name);
        Assert.NotEmpty(error);
    }

    [Fact]
    public void TryParse_LongestLabelAndName_AreTaken()
    {
        var label = new string('a', 63);
        Assert.True(DomainName.TryParse(label, out _));
        Assert.False(DomainName.TryParse(label + "a", out _));
        Assert.True(DomainName.TryParse($"{label}.{label}.{label}.{label[..61]}", out var longest));
        Assert.Equal(255, longest.Length);
        Assert.False(DomainName.TryParse($"{label}.{label}.{label}.{label[..62]}", out _));
        Assert.False(DomainName.TryParse($"{label}.{label}.{label}.{label[..62]}.", out _));
        Assert.False(DomainName.TryParse($"{label}.{label}.{label}.{label[..59]}.a.b", out _));
    }

    [Fact]
    public void TryParse_RelativeName_IsCompletedWithTheOrigin()
    {
        var origin = DomainName.Parse("example.");
        Assert.True(DomainName.TryParse("www", origin, out var relative, out _));
        Assert.Equal("www.example.", relative.ToString());
        Assert.True(DomainName.TryParse("@", origin, out var itself, out _));
        Assert.Equal(origin, itself);
        Assert.True(DomainName.TryParse("www.", origin, out var absolute, out _));
        Assert.Equal("www.", absolute.ToString());
        Assert.False(DomainName.TryParse(string.Join('.', Enumerable.Repeat("a", 124)), origin, out _, out _));
    }

    [Theory]
    [InlineData("www.example.", "example.", true)]
    [InlineData("WWW.EXAMPLE.", "www.example.", true)]
    [InlineData("www.example.", ".", true)]
    [InlineData("example.", "www.example.", false)]
    [InlineData("wwwexample.", "example.", false)]
    [InlineData(@"a\007example.", "example.", false)]
    public void IsAtOrBelow_Names_LooksAtLabels(string name, string ancestor, bool expected) =>
        Assert.Equal(expected, DomainName.Parse(name).IsAtOrBelow(DomainName.Parse(ancestor)));

    [Fact]
    public void Parent_Name_LosesItsFirstLabel()
    {
        var name = DomainName.Parse("a.b.");
        Assert.Equal("b.", name.Parent!.ToString());
        Assert.True(name.Parent.Parent!.IsRoot);
        Assert.Null(name.Parent.Parent.Parent);
        Assert.Equal(2, name.LabelCount);
        Assert.Equal(["a", "b"], name.Labels().Select(label => Encoding.ASCII.GetString(label.Span)));
        Assert.True(name.Parent.TryPrepend("*"u8, out var wildcard) && wildcard.IsWildcard);
    }

    /// <summary>The example of RFC 4034 section 6.1.</summary>
    [Fact]
    public void CompareTo_RfcExample_IsInOrder()
    {
        string[] sorted =
        [
            "example.", "a.example.", "yljkjljk.a.example.", "Z.a.example.", "zABC.a.EXAMPLE.", "z.example.", @"\001.z.example.",
            "*.z.example.", @"\200.z.example.",
        ];
        var names = sorted.Reverse().Select(DomainName.Parse).Order().Select(name => name.ToString());
        Assert.Equal(sorted, names);
    }

    [Fact]
    public void TryFromWire_NotOneName_IsRefused()
    {
        Assert.False(DomainName.TryFromWire([], out _));
        Assert.False(DomainName.TryFromWire([1, (byte)'a'], out _));
        Assert.False(DomainName.TryFromWire([0, 0], out _));
        Assert.False(DomainName.TryFromWire([0xC0, 0], out _));
    }

    [Fact]
    public void ToString_AnyName_ReadsBackToTheSameOctets() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll(ProtocolArbitraries.Names(), name =>
            DomainName.TryParse(name.ToString(), out var again) && name.Wire.SequenceEqual(again.Wire)));

    [Fact]
    public void Equals_AnyTwoNames_IsEqualityOfFoldedOctets() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll(ProtocolArbitraries.Names(), ProtocolArbitraries.Names(), (left, right) =>
        {
            var upper = new DomainName[] { left, right, Swap(left) };
            return upper.All(one => upper.All(other =>
                one.Equals(other) == Fold(one).SequenceEqual(Fold(other))
                && (!one.Equals(other) || one.GetHashCode() == other.GetHashCode())
                && one.Equals(other) == (one.CompareTo(other) == 0)
                && Math.Sign(one.CompareTo(other)) == -Math.Sign(other.CompareTo(one))));
        }));

    private static byte[] Fold(DomainName name) => [.. name.Wire.ToArray().Select(b => b is >= (byte)'A' and <= (byte)'Z' ? (byte)(b + 32) : b)];

    private static DomainName Swap(DomainName name)
    {
        var wire = name.Wire.ToArray().Select(b => char.IsAsciiLetter((char)b) ? (byte)(b ^ 0x20) : b).ToArray();
        Assert.True(DomainName.TryFromWire(wire, out var swapped));
        return swapped;
    }
}
