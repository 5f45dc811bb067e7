using DnsFlow.Protocol;
using DnsFlow.TestKit;
using DnsFlow.Zones.Transfer;

namespace DnsFlow.Tests.Zones.Transfer;

/// <summary>RFC 8945. (tests/DnsFlow.FunctionalTests signs transfers from nsd.)</summary>
public class TsigSessionTests
{
    private readonly ManualTimeProvider _time = new();

    public static TheoryData<string> Algorithms => [.. TsigKey.Algorithms.Keys];

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Check_SignedByTheSameKey_IsRight(string algorithm)
    {
        using var ours = new TsigSession(Key(algorithm), _time);
        using var theirs = new TsigSession(Key(algorithm), _time);

        Assert.Null(theirs.Check(ours.Sign(Message(1))));
        Assert.Null(ours.Check(theirs.SignResponse(Message(1))));
    }

    [Fact]
    public void Check_AnyBitTurned_IsWrong()
    {
        using var ours = new TsigSession(Key(), _time);
        var signed = ours.Sign(Message(1));
        for (var bit = 0; bit < signed.Length * 8; bit++)
        {
            var turned = signed.ToArray();
            turned[bit / 8] ^= (byte)(1 << (bit % 8));
            using var theirs = new TsigSession(Key(), _time);

            // The ID may be another than the one that was signed (section 4.3.1), and letter case in names makes no difference.
            if (theirs.Check(turned) is null)
            {
                Assert.True(bit < 16 || char.IsAsciiLetter((char)signed[bit / 8]), $"bit {bit}");
            }
        }
    }

    [Theory]
    [InlineData(300, true)]
    [InlineData(301, false)]
    public void Check_OtherTime_IsRightWithinFudge(int seconds, bool isRight)
    {
        using var ours = new TsigSession(Key(), _time);
        using var theirs = new TsigSession(Key(), _time);
        var signed = ours.Sign(Message(1));
        _time.Advance(TimeSpan.FromSeconds(seconds));

        Assert.Equal(isRight, theirs.Check(signed) is null);
    }

    [Fact]
    public void Check_OtherKey_IsWrong()
    {
        using var ours = new TsigSession(Key(secret: 2), _time);
        using var theirs = new TsigSession(Key(), _time);

        Assert.Equal("a signature that is not right", theirs.Check(ours.Sign(Message(1))));
    }

    [Fact]
    public void Check_FirstMessageUnsigned_IsWrong()
    {
        using var ours = new TsigSession(Key(), _time);
        ours.Sign(Message(1));

        Assert.Equal("no signature", ours.Check(Message(1)));
    }

    [Fact]
    public void Check_TooManyUnsignedInARow_IsWrong()
    {
        using var ours = new TsigSession(Key(), _time);
        using var theirs = new TsigSession(Key(), _time);
        theirs.Check(ours.Sign(Message(1)));
        Assert.Null(ours.Check(theirs.SignResponse(Message(1))));
        for (var i = 0; i < 99; i++)
        {
            Assert.Null(ours.Check(Message(1)));
            Assert.False(ours.IsLastSigned);
        }

        Assert.Equal("no signature", ours.Check(Message(1)));
    }

    [Fact]
    public void Check_AnyOctets_NeverThrows()
    {
        var random = new Random(8945);
        using var ours = new TsigSession(Key(), _time);
        var signed = ours.Sign(Message(1));
        for (var i = 0; i < 20_000; i++)
        {
            var broken = signed[..random.Next(signed.Length + 1)];
            for (var j = random.Next(4); j > 0 && broken.Length > 0; j--)
            {
                broken[random.Next(broken.Length)] = (byte)random.Next(256);
            }

            using var theirs = new TsigSession(Key(), _time);
            theirs.Check(broken);
        }
    }

    private static TsigKey Key(string algorithm = "hmac-sha256", byte secret = 1) => new(DomainName.Parse("Key.example."), algorithm, [secret, 2, 3]);

    private static byte[] Message(ushort id) => DnsMessageWriter.ToArray(DnsMessage.Query(DomainName.Parse("example."), RecordType.SOA, id))!;
}
