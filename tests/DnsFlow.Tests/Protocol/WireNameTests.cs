using DnsFlow.Protocol;
using FsCheck;
using FsCheck.Fluent;

namespace DnsFlow.Tests.Protocol;

public class WireNameTests
{
    [Theory]
    [InlineData("00", 1)]
    [InlineData("016100", 3)]
    [InlineData("01610000", 3)]
    [InlineData("", -1)]
    [InlineData("0161", -1)]
    [InlineData("0361", -1)]
    [InlineData("C000", -1)]
    [InlineData("0161C000", -1)]
    [InlineData("4000", -1)]
    [InlineData("8000", -1)]
    public void Measure_Name_GivesItsLength(string hex, int expected) => Assert.Equal(expected, WireName.Measure(Convert.FromHexString(hex), 0));

    [Theory]
    [InlineData("00", 1)]
    [InlineData("0161C0FF", 4)]
    [InlineData("C0", -1)]
    [InlineData("0161C0", -1)]
    [InlineData("0361", -1)]
    [InlineData("40", -1)]
    public void Skip_Name_StopsBehindIt(string hex, int expected) => Assert.Equal(expected, WireName.Skip(Convert.FromHexString(hex), 0));

    [Fact]
    public void Expand_Pointer_IsFollowed()
    {
        var message = MessageOctets.Query().Octets(1, 0x61).UInt16(0xC010).ToArray();
        Span<byte> name = stackalloc byte[255];
        var length = WireName.Expand(message, message.Length - 4, name, out var next);
        Assert.Equal("0161076578616D706C6500", Convert.ToHexString(name[..length]));
        Assert.Equal(message.Length, next);
    }

    [Theory]
    [InlineData("C00E", 12)]            // itself
    [InlineData("C020", 12)]            // forwards
    [InlineData("0361C00C00", 14)]      // to labels that run on through itself
    [InlineData("0161C00C", 12)]        // to its own beginning: a loop
    [InlineData("0161C00E", 12)]        // to the pointer itself
    [InlineData("C00EC00C", 12)]        // two that point at each other
    [InlineData("C000", 12)]            // into the header
    [InlineData("C00B", 12)]
    [InlineData("C0", 12)]
    [InlineData("0161", 12)]
    [InlineData("", 12)]
    public void Expand_BadPointerOrCut_IsRefused(string hex, int offset)
    {
        Span<byte> name = stackalloc byte[255];
        Assert.Equal(-1, WireName.Expand([.. new byte[12], .. Convert.FromHexString(hex)], offset, name, out _));
    }

    [Fact]
    public void Expand_Pointers_AreFollowed64Times()
    {
        var chain = new List<byte>(new byte[12]) { 0 };
        for (var target = 12; chain.Count < 13 + (2 * 70); target = chain.Count - 2)
        {
            chain.AddRange([(byte)(0xC0 | (target >> 8)), (byte)target]);
        }

        byte[] message = [.. chain];
        Span<byte> name = stackalloc byte[255];
        Assert.Equal(1, WireName.Expand(message, 13 + (2 * 63), name, out _));
        Assert.Equal(-1, WireName.Expand(message, 13 + (2 * 64), name, out _));
    }

    [Fact]
    public void Expand_NameOf256Octets_IsRefused()
    {
        var label = new string('a', 63);
        Span<byte> name = stackalloc byte[255];
        foreach (var (length, expected) in new[] { (61, 255), (62, -1) })
        {
            var message = new MessageOctets().Octets(new byte[12]).Name(label, label, label).Octets((byte)length).Octets(new byte[length]).UInt16(0xC00C);
            Assert.Equal(expected, WireName.Expand(message.ToArray(), 12 + 193, name, out _));
        }
    }

    [Fact]
    public void ToLower_AnyOctets_FoldsLettersOnly() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), octets =>
        {
            var folded = new byte[octets.Length];
            WireName.ToLower(octets, folded);
            return octets.Zip(folded).All(pair => pair.Second == (char.IsAsciiLetterUpper((char)pair.First) ? pair.First + 32 : pair.First));
        }));

    [Fact]
    public void EqualsIgnoreCase_AnyNames_IsEqualityOfFoldedOctets() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll(ProtocolArbitraries.Names(), ProtocolArbitraries.Names(), (left, right) =>
        {
            var (l, r) = (new byte[left.Length], new byte[right.Length]);
            WireName.ToLower(left.Wire, l);
            WireName.ToLower(right.Wire, r);
            return WireName.EqualsIgnoreCase(left.Wire, right.Wire) == l.AsSpan().SequenceEqual(r)
                && WireName.EqualsIgnoreCase(left.Wire, l) && WireName.IsAtOrBelow(left.Wire, l) && WireName.IsAtOrBelow(left.Wire, [0]);
        }));

    [Fact]
    public void Expand_AnyOctets_StaysInside() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(ProtocolArbitraries.MutatedMessages(), octets =>
        {
            var name = new byte[255];
            for (var offset = 0; offset <= octets.Length; offset++)
            {
                var length = WireName.Expand(octets, offset, name, out var next);
                var skipped = WireName.Skip(octets, offset);
                if (length > 0 && (next != skipped || next > octets.Length || WireName.Measure(name.AsSpan(0, length), 0) != length))
                {
                    return false;
                }

                var measured = WireName.Measure(octets, offset);
                if (measured > 0 && (measured != length || offset + measured > octets.Length))
                {
                    return false;
                }
            }

            return true;
        }));
}
