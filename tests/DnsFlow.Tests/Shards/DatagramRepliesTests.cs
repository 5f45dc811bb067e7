using DnsFlow.Telemetry;
using DnsFlow.TestKit;
using DnsFlow.Upstreams;

namespace DnsFlow.Tests.Shards;

public sealed class DatagramRepliesTests
{
    [Theory]
    [InlineData("id")]
    [InlineData("name")]
    [InlineData("case")]
    [InlineData("type")]
    [InlineData("class")]
    [InlineData("qr")]
    [InlineData("opcode")]
    public void Reply_AnyFieldDiffers_IsCountedAndTheWaitGoesOn(string field)
    {
        using var harness = new ShardHarness();
        harness.Send(Wire.Query("a.example"));
        var asked = harness.Upstream.Take();
        var right = Wire.Answer(asked.Query, 300, "198.51.100.7");
        var wrong = (byte[])right.Clone();
        var (offset, mask) = field switch { "id" => (1, 1), "name" => (13, 1), "case" => (13, 0x20), "type" => (24, 1), "class" => (26, 2), "qr" => (2, 0x80), _ => (2, 0x08) };
        wrong[offset] ^= (byte)mask;
        asked.Answer(wrong);
        harness.Run();
        Assert.Null(harness.Response());
        Assert.Equal(1, harness.Counters.IgnoredCount(IgnoredReason.MismatchedReply) + harness.Counters.IgnoredCount(IgnoredReason.MalformedReply));

        asked.Answer(right);
        harness.Run();
        Assert.Equal("198.51.100.7", Wire.FirstAddress(harness.Response()!));
    }

    [Fact]
    public void Reply_ToAnotherSocket_DoesNotCount()
    {
        using var harness = new ShardHarness();
        harness.Send(Wire.Query("a.example"));
        var first = harness.Upstream.Take();
        harness.Elapse(TimeSpan.FromMilliseconds(600));     // the port is changed every half second
        harness.Send(Wire.Query("b.example"), client: 1);
        var second = harness.Upstream.Take();
        Assert.NotEqual(first.Source, second.Source);

        second.Answer(Wire.Answer(first.Query, 300, "198.51.100.7"));
        harness.Run();
        Assert.Null(harness.Response());
        Assert.Equal(1, harness.Counters.IgnoredCount(IgnoredReason.MismatchedReply));
    }

    [Fact]
    public void Reply_TwentyMismatches_AsksOverTheServicePlaneAndBelievesNoDatagramAnyMore()
    {
        using var harness = new ShardHarness();
        Upstream? askedElsewhere = null;
        harness.Exchange.OnAsk = (server, _, _, _) =>
        {
            askedElsewhere = server;
            return new TaskCompletionSource<UpstreamResult>().Task;
        };
        harness.Send(Wire.Query("a.example"));
        var asked = harness.Upstream.Take();
        var right = Wire.Answer(asked.Query, 300, "198.51.100.7");
        for (var i = 0; i < 20; i++)
        {
            var wrong = (byte[])right.Clone();
            wrong[13] ^= 1;
            asked.Answer(wrong);
        }

        harness.Run();
        asked.Answer(right);
        harness.Run();
        Assert.Null(harness.Response());
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref askedElsewhere) is not null, TimeSpan.FromSeconds(10)));
    }
}
