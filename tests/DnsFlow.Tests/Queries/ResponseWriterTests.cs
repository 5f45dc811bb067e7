using System.Buffers.Binary;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Tests.Queries;

public class ResponseWriterTests
{
    private readonly byte[] _buffer = new byte[4096];

    [Fact]
    public void Write_Response_CarriesTheAskersIdFlagsAndLetterCase()
    {
        var response = Write(0x0110, hasEdns: false);

        Assert.Equal([0xBE, 0xEF], response[..2]);
        Assert.Equal(0x8190, BinaryPrimitives.ReadUInt16BigEndian(response.AsSpan(2)));
        Assert.Equal(new ResponseBuilder("wWw.ExAmPlE", RecordType.A).Question, response[12..^16]);
        Assert.Equal(["wWw.ExAmPlE. A 290 C0000201"], ResponseBuilder.Read(response));
    }

    [Fact]
    public void Write_Age_LessensTtlsButNotBelowZero()
    {
        Assert.EndsWith("A 0 C0000201", ResponseBuilder.Read(Write(0x0100, age: 301))[0], StringComparison.Ordinal);
        Assert.EndsWith("A 300 C0000201", ResponseBuilder.Read(Write(0x0100, age: 0))[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x0100, false, false)]
    [InlineData(0x0120, false, true)]
    [InlineData(0x0100, true, true)]
    public void Write_AuthenticData_OnlyForThoseWhoUnderstandIt(int clientFlags, bool dnssecOk, bool expected)
        => Assert.Equal(expected, (Write((ushort)clientFlags, hasEdns: true, dnssecOk: dnssecOk, flags: 0x81A0)[3] & 0x20) != 0);

    [Fact]
    public void Write_Edns_AppendsOurOptWithTheError()
    {
        var records = ResponseBuilder.Read(Write(0x0100, hasEdns: true, dnssecOk: true, error: ExtendedErrorCode.CachedError));

        Assert.Equal($". OPT {0x8000} 000F0002000D", records[1]);
    }

    [Fact]
    public void Write_NoEdns_SendsNoOptAndNoExtendedCode()
    {
        var response = Write(0x0100, code: ResponseCode.BadVers, error: ExtendedErrorCode.CachedError);

        Assert.Equal((int)ResponseCode.ServFail, response[3] & 15);
        Assert.Single(ResponseBuilder.Read(response));
    }

    [Fact]
    public void Write_DoesNotFit_IsTruncatedToQuestionAndOpt()
    {
        var whole = Write(0x0100, hasEdns: true).Length;

        Assert.Equal(whole, Write(0x0100, hasEdns: true, maxSize: whole).Length);
        var response = Write(0x0100, hasEdns: true, maxSize: whole - 1, flags: 0x81A0, dnssecOk: true);

        Assert.True((response[2] & 2) != 0);
        Assert.True((response[3] & 0x20) == 0);
        Assert.Equal([". OPT 32768 "], ResponseBuilder.Read(response));
    }

    [Fact]
    public void Write_OnlyTheErrorDoesNotFit_IsLeftOut()
    {
        var whole = Write(0x0100, hasEdns: true).Length;

        var response = Write(0x0100, hasEdns: true, error: ExtendedErrorCode.CachedError, maxSize: whole + 5);

        Assert.Equal(whole, response.Length);
        Assert.Equal(2, ResponseBuilder.Read(response).Count);
    }

    [Fact]
    public void Write_OffsetsBeyondTheMessage_AreIgnored()
    {
        var message = new ResponseBuilder("www.example", RecordType.A).Address().Build();

        var length = ResponseWriter.Write(
            message, [(ushort)(message.Length - 3), ushort.MaxValue], 10, 1, 0x0100, message.AsSpan(12, 17), false, false, 512,
            ResponseCode.NoError, ExtendedErrorCode.None, _buffer);

        Assert.Equal(message.AsSpan(4).ToArray(), _buffer[4..length]);
    }

    private byte[] Write(
        ushort clientFlags, bool hasEdns = false, bool dnssecOk = false, uint age = 10, int maxSize = 1232, ushort flags = 0x8180,
        ResponseCode code = ResponseCode.NoError, ExtendedErrorCode error = ExtendedErrorCode.None)
    {
        var message = new ResponseBuilder("www.example", RecordType.A, flags).Address().Build();
        ushort[] offsets = [(ushort)(message.Length - 10)];
        var length = ResponseWriter.Write(
            message, offsets, age, 0xBEEF, clientFlags, new ResponseBuilder("wWw.ExAmPlE", RecordType.A).Question, hasEdns, dnssecOk,
            maxSize, code, error, _buffer);
        return _buffer[..length];
    }
}
