using DnsFlow.Flows;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.TestKit;

namespace DnsFlow.Tests.Queries;

/// <summary>Padding (RFC 7830, RFC 8467) and keep-alive (RFC 7828).</summary>
public class StreamOptionsTests
{
    private static readonly byte[] s_padding = [0, 12, 0, 3, 0, 0, 0];
    private static readonly byte[] s_keepAlive = [0, 11, 0, 0];

    [Theory]
    [InlineData(FlowTransport.Tls)]
    [InlineData(FlowTransport.Https)]
    public void Append_ClientPadded_ResponseIsABlock(FlowTransport transport)
    {
        var response = Answer(transport, s_padding);
        Assert.Equal(StreamOptions.PaddingBlock, response.Length);
        Assert.True(DnsMessageReader.TryRead(response, out var message, out _));
        Assert.Contains(message.Edns!.Options, option => option.Code == EdnsOptionCode.Padding);
    }

    [Theory]
    [InlineData(FlowTransport.Udp)]
    [InlineData(FlowTransport.Tcp)]
    public void Append_NotEncrypted_NothingIsPadded(FlowTransport transport) => Assert.True(Answer(transport, s_padding).Length < 100);

    [Theory]
    [InlineData(FlowTransport.Tcp, true)]
    [InlineData(FlowTransport.Tls, true)]
    [InlineData(FlowTransport.Https, false)]
    [InlineData(FlowTransport.Udp, false)]
    public void Append_ClientAsksForKeepAlive_StreamsTellTheIdleTime(FlowTransport transport, bool isTold)
    {
        Assert.True(DnsMessageReader.TryRead(Answer(transport, s_keepAlive), out var message, out _));
        var told = message.Edns!.Options.SingleOrDefault(option => option.Code == EdnsOptionCode.TcpKeepalive);
        Assert.Equal(isTold ? [0, 100] : [], told?.Data.ToArray() ?? []);
    }

    [Fact]
    public void Append_Both_StillABlock() => Assert.Equal(StreamOptions.PaddingBlock, Answer(FlowTransport.Tls, [.. s_keepAlive, .. s_padding]).Length);

    [Fact]
    public void Append_NoRoom_ResponseStays()
    {
        var query = Query(s_padding);
        QueryView.TryParse(query, out var view);
        var response = new byte[60];
        var length = DnsResponses.WriteEmpty(query, view, ResponseCode.NoError, response);
        Assert.Equal(length, StreamOptions.Append(query, view, FlowTransport.Tls, TimeSpan.FromSeconds(10), response, length));
    }

    [Theory]
    [InlineData("a.test", 300u)]
    public void Freshness_Answer_IsItsLowestTtl(string name, uint ttl)
        => Assert.Equal(ttl, Freshness.Seconds(Wire.Answer(Wire.Query(name), ttl, "192.0.2.1", "192.0.2.2")));

    [Fact]
    public void Freshness_FailureOrNonsense_IsNone()
    {
        Assert.Equal(0u, Freshness.Seconds(Wire.Empty(Wire.Query("a.test"), 0x8182)));
        Assert.Equal(0u, Freshness.Seconds([1, 2, 3]));
        Assert.Equal(0u, Freshness.Seconds(Wire.Answer(Wire.Query("a.test"), 300, "192.0.2.1").AsSpan(0, 39)));
    }

    private static byte[] Query(byte[] options)
        => [.. Wire.Query("a.test").AsSpan(0, 11), 1, .. Wire.Query("a.test").AsSpan(12), 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, (byte)options.Length, .. options];

    private static byte[] Answer(FlowTransport transport, byte[] options)
    {
        var query = Query(options);
        Assert.Equal(QueryStatus.Ok, QueryView.TryParse(query, out var view));
        var response = new byte[4_096];
        var length = DnsResponses.WriteEmpty(query, view, ResponseCode.NoError, response);
        return response[..StreamOptions.Append(query, view, transport, TimeSpan.FromSeconds(10), response, length)];
    }
}
