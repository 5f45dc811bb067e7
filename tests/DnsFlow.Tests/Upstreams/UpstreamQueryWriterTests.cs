using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Upstreams;

namespace DnsFlow.Tests.Upstreams;

public class UpstreamQueryWriterTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Write_Question_IsAWholeQueryWithOurOptOnly(bool dnssecOk)
    {
        var buffer = new byte[UpstreamQueryWriter.MaxLength];
        var query = buffer.AsSpan(0, UpstreamQueryWriter.Write(TestUpstreams.AskedQuestion, 0xFFFF, dnssecOk, buffer));
        Assert.Equal(QueryStatus.Ok, QueryView.TryParse(query, out var view));
        Assert.Equal(TestUpstreams.AskedQuestion, view.Question(query).ToArray());
        Assert.Equal((0, 0x0130), (view.Header.Id, view.Header.Flags));     // RD, AD, CD and nothing else
        Assert.Equal((true, 1232, dnssecOk, 0), (view.HasEdns, view.UdpPayloadSize, view.DnssecOk, view.OptionsLength));
        Assert.Equal(TestUpstreams.AskedQuestion, UpstreamQueryWriter.Question(query).ToArray());
    }

    [Fact]
    public void Write_LongestName_Fits()
    {
        byte[] name = [.. Enumerable.Repeat<byte[]>([63, .. new byte[63]], 3).SelectMany(label => label), 61, .. new byte[61], 0];
        Assert.Equal(WireName.MaxLength, name.Length);
        var buffer = new byte[UpstreamQueryWriter.MaxLength];
        Assert.Equal(buffer.Length - SubnetOption.MaxSize, UpstreamQueryWriter.Write([.. name, 0, 1, 0, 1], 0, false, buffer));
    }
}
