using DnsFlow.Protocol;
using DnsFlow.TestKit;
using DnsFlow.Upstreams;

namespace DnsFlow.Tests.Upstreams;

public class EncryptedQueryTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Write_NamesOfEveryLength_AreBlocksThatReadBack(bool keepAlive)
    {
        for (var length = 1; length < 240; length++)
        {
            var name = string.Join('.', new string('a', length).Chunk(60).Select(label => new string(label)));
            var query = Query(name);
            Span<byte> padded = new byte[EncryptedQuery.MaxLength];
            padded = padded[..EncryptedQuery.Write(query, keepAlive, padded)];
            Assert.Equal(0, padded.Length % EncryptedQuery.Block);
            Assert.True(padded.Length - query.Length < EncryptedQuery.Block + 8);
            Assert.True(DnsMessageReader.TryRead(padded, out var message));
            Assert.Equal(query.AsSpan(12, query.Length - 12 - 2), padded.Slice(12, query.Length - 12 - 2));
            EdnsOptionCode[] expected = keepAlive ? [EdnsOptionCode.TcpKeepalive, EdnsOptionCode.Padding] : [EdnsOptionCode.Padding];
            Assert.Equal(expected, message.Edns!.Options.Select(option => option.Code));
            Assert.All(message.Edns.Options[^1].Data.ToArray(), octet => Assert.Equal(0, octet));
        }
    }

    [Fact]
    public void Write_TheLongestQuery_FitsTheBound()
    {
        var query = Query(string.Join('.', Enumerable.Repeat(new string('a', 61), 4)) + ".aaaaa");
        Assert.InRange(query.Length, 282, UpstreamQueryWriter.MaxLength);
        Assert.InRange(EncryptedQuery.Write(query, keepAlive: true, new byte[EncryptedQuery.MaxLength]), 1, EncryptedQuery.MaxLength);
        Assert.Equal(0, EncryptedQuery.MaxLength % EncryptedQuery.Block);
    }

    private static byte[] Query(string name)
    {
        var buffer = new byte[UpstreamQueryWriter.MaxLength];
        return buffer[..UpstreamQueryWriter.Write([.. Wire.Name(name), 0, 1, 0, 1], DnsHeader.RecursionDesiredBit, dnssecOk: true, buffer)];
    }
}
