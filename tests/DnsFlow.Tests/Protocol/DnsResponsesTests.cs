using DnsFlow.Protocol;

namespace DnsFlow.Tests.Protocol;

public class DnsResponsesTests
{
    [Fact]
    public void WriteEmpty_PlainQuery_RepeatsTheQuestion()
    {
        var response = Respond(MessageOctets.Query().ToArray(), ResponseCode.Refused);
        Assert.Equal(0x1234, response.Id);
        Assert.True(response is { IsResponse: true, RecursionDesired: true, RecursionAvailable: true, IsTruncated: false, IsAuthoritative: false });
        Assert.Equal(ResponseCode.Refused, response.ResponseCode);
        Assert.Equal("www.example.\tIN\tA", Assert.Single(response.Questions).ToString());
        Assert.Null(response.Edns);
    }

    [Fact]
    public void WriteEmpty_QueryWithEdns_AddsOurOpt()
    {
        var query = MessageOctets.Query(1).Opt(4096, 0x00008000, 0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8).ToArray();
        var response = Respond(query, ResponseCode.BadVers, ExtendedErrorCode.Blocked);
        Assert.Equal(ResponseCode.BadVers, response.ResponseCode);
        Assert.True(response.Edns is { UdpPayloadSize: 1232, DnssecOk: true, Version: 0 });
        Assert.True(ExtendedError.TryRead(Assert.Single(response.Edns.Options), out var error));
        Assert.Equal(new ExtendedError(ExtendedErrorCode.Blocked), error);
    }

    [Fact]
    public void WriteEmpty_UnreadableQuestion_LeavesItOut()
    {
        var response = Respond(MessageOctets.Header(0x0110, 1).ToArray(), ResponseCode.FormErr);
        Assert.Empty(response.Questions);
        Assert.True(response.CheckingDisabled);
    }

    [Fact]
    public void WriteEmpty_Flags_AreSet()
    {
        var query = MessageOctets.Query(flags: 0).ToArray();
        QueryView.TryParse(query, out var view);
        var buffer = new byte[512];
        var length = DnsResponses.WriteEmpty(query, view, ResponseCode.NoError, buffer, truncated: true, authoritative: true);
        Assert.True(DnsMessageReader.TryRead(buffer.AsSpan(0, length), out var response));
        Assert.True(response is { IsTruncated: true, IsAuthoritative: true, RecursionDesired: false });
    }

    [Fact]
    public void AppendOpt_NoRoom_ChangesNothing()
    {
        var query = MessageOctets.Query(1).Opt().ToArray();
        QueryView.TryParse(query, out var view);
        Assert.Equal(20, DnsResponses.AppendOpt(view, ResponseCode.NoError, new byte[30], 20));
        Assert.Equal(31, DnsResponses.AppendOpt(view, ResponseCode.NoError, new byte[31], 20));
    }

    /// <summary>No error response is larger than its query but for our extended error: nothing to amplify with.</summary>
    [Fact]
    public void WriteEmpty_LongestName_FitsTheSizePromised()
    {
        var label = new string('a', 63);
        var query = MessageOctets.Header(0, 1, additionals: 1).Name(label, label, label, label[..61]).UInt16(1, 1).Opt().ToArray();
        QueryView.TryParse(query, out var view);
        Assert.Equal(12 + 259 + 17, DnsResponses.WriteEmpty(query, view, ResponseCode.ServFail, new byte[12 + 259 + 17], ExtendedErrorCode.NetworkError));
    }

    private static DnsMessage Respond(byte[] query, ResponseCode code, ExtendedErrorCode error = ExtendedErrorCode.None)
    {
        QueryView.TryParse(query, out var view);
        var buffer = new byte[512];
        var length = DnsResponses.WriteEmpty(query, view, code, buffer, error);
        Assert.True(DnsMessageReader.TryRead(buffer.AsSpan(0, length), out var response));
        return response;
    }
}
