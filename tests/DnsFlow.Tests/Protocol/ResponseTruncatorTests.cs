using DnsFlow.Protocol;

namespace DnsFlow.Tests.Protocol;

public class ResponseTruncatorTests
{
    private static readonly Question s_question = new(DomainName.Parse("www.example."), RecordType.A);

    [Fact]
    public void TryWrite_Fits_IsWhole()
    {
        var read = Fit(Response(addresses: 3), 512);
        Assert.False(read.IsTruncated);
        Assert.Equal(4, read.Answer.Count);
    }

    [Fact]
    public void TryWrite_SetTooLarge_GoesWhole()
    {
        var read = Fit(Response(addresses: 100), 512);
        Assert.True(read.IsTruncated);
        Assert.Equal(RecordType.CNAME, Assert.Single(read.Answer).Type);
        Assert.NotNull(read.Edns);
        Assert.Single(read.Questions);
        Assert.Empty(read.Authority);
        Assert.Empty(read.Additional);
    }

    /// <summary>RFC 2181 section 9: additional records that do not fit are no reason to set TC.</summary>
    [Fact]
    public void TryWrite_AdditionalTooLarge_GoesWithoutTruncatedBit()
    {
        var response = Response(addresses: 2, additionals: 100);
        var read = Fit(response, 512);
        Assert.False(read.IsTruncated);
        Assert.Equal(3, read.Answer.Count);
        Assert.Single(read.Authority);
        Assert.Empty(read.Additional);
        Assert.NotNull(read.Edns);
    }

    [Fact]
    public void TryWrite_SetInTwoPieces_IsNotTorn()
    {
        var signature = ResourceRecord.Create("www.example.", 60, RecordType.RRSIG, $"A 8 2 60 20300101000000 20260101000000 1 . {Convert.ToBase64String(new byte[300])}");
        var response = new DnsMessage
        {
            IsResponse = true,
            Questions = [s_question],
            Answer =
            [
                ResourceRecord.Create("www.example.", 60, RecordType.TXT, "first"),
                ResourceRecord.Create("www.example.", 60, RecordType.A, "192.0.2.1"),
                ResourceRecord.Create("www.example.", 60, RecordType.AAAA, "2001:db8::1"),
                signature, signature,
            ],
        };
        var read = Fit(response, 512);
        Assert.True(read.IsTruncated);
        Assert.Equal(RecordType.TXT, Assert.Single(read.Answer).Type);
    }

    [Fact]
    public void TryWrite_EverySize_IsLegalOrRefused()
    {
        var response = Response(addresses: 5, additionals: 5);
        var whole = DnsMessageWriter.ToArray(response)!.Length;
        var least = 12 + s_question.Name.Length + 4 + DnsResponses.OptSize;
        for (var size = 0; size <= whole; size++)
        {
            var buffer = new byte[size];
            var written = ResponseTruncator.TryWrite(response, buffer, out var length);
            Assert.Equal(size >= least, written);
            if (written)
            {
                Assert.True(DnsMessageReader.TryRead(buffer.AsSpan(0, length), out var read));
                Assert.Equal(read.Answer.Count < response.Answer.Count || read.Authority.Count < response.Authority.Count, read.IsTruncated);
                Assert.Contains(read.Answer.Count(record => record.Type == RecordType.A), new[] { 0, 5 });
            }
        }
    }

    private static DnsMessage Fit(DnsMessage response, int size)
    {
        var buffer = new byte[size];
        Assert.True(ResponseTruncator.TryWrite(response, buffer, out var length));
        Assert.True(DnsMessageReader.TryRead(buffer.AsSpan(0, length), out var read, out var error), error.ToString());
        return read;
    }

    private static DnsMessage Response(int addresses, int additionals = 0) => new()
    {
        IsResponse = true,
        Questions = [s_question],
        Answer =
        [
            ResourceRecord.Create("www.example.", 60, RecordType.CNAME, "host.example."),
            .. Enumerable.Range(0, addresses).Select(i => ResourceRecord.Create("host.example.", 60, RecordType.A, $"192.0.2.{i}")),
        ],
        Authority = [ResourceRecord.Create("example.", 60, RecordType.NS, "ns.example.")],
        Additional = [.. Enumerable.Range(0, additionals).Select(i => ResourceRecord.Create("ns.example.", 60, RecordType.A, $"192.0.2.{i}"))],
        Edns = new Edns(),
    };
}
