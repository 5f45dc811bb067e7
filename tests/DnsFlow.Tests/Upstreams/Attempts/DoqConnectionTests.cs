using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.TestKit;
using DnsFlow.Transports.Dialing;
using DnsFlow.Transports.Quic;
using DnsFlow.Upstreams;
using DnsFlow.Upstreams.Attempts;
using Microsoft.Extensions.Logging.Abstractions;

namespace DnsFlow.Tests.Upstreams.Attempts;

public sealed class DoqConnectionTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly FakeQuic _quic = new();
    private readonly Upstream _server;
    private readonly UpstreamDialer _dialer;
    private readonly DoqConnection _connection;

    public DoqConnectionTests()
    {
        var link = new UpstreamLink { Scheme = UpstreamAddress.Quic, ServerName = "dns.test", IsNamed = true, Origin = new SocketOrigin(IPAddress.Parse("192.0.2.9")) };
        _server = new Upstream(1, "quic://192.0.2.53", FlowEndpoint.From(IPAddress.Parse("192.0.2.53"), 853), usesDatagrams: false, link: link);
        var clock = new MonotonicClock(_time);
        _dialer = new UpstreamDialer(
            new UpstreamSockets(), new HostAddresses(new BootstrapResolver(_time), clock), static _ => false, clock, NullLogger.Instance, _quic.DialAsync);
        _connection = new DoqConnection(_server, _dialer);
    }

    public void Dispose() => _connection.Dispose();

    [Fact]
    public async Task Ask_TheQuery_IsALengthAPaddedMessageWithIdZeroAndTheEndOfTheStream()
    {
        var asking = AskAsync();
        var stream = await _quic.StreamAsync(0);
        Assert.Equal(stream.Written!.Length - 2, BinaryPrimitives.ReadUInt16BigEndian(stream.Written));
        Assert.Equal(0, stream.Query.Length % 128);
        Assert.True(DnsMessageReader.TryRead(stream.Query, out var message));
        Assert.Equal(0, message.Id);
        Assert.NotNull(message.Edns!.Find(EdnsOptionCode.Padding));
        Assert.Null(message.Edns.Find(EdnsOptionCode.TcpKeepalive));

        Answer(stream);
        var result = await asking;
        Assert.Equal((UpstreamError.None, "192.0.2.1"), (result.Error, TestUpstreams.AddressIn(result)));
        await TestUpstreams.Until(() => stream.IsDisposed);
        Assert.Null(stream.Aborted);
        Assert.Null(_server.Statistics.Problem);
    }

    [Fact]
    public async Task Ask_TheConnection_IsDialledByAddressWithTheNameAndTheProtocol()
    {
        var asking = AskAsync();
        Answer(await _quic.StreamAsync(0));
        await asking;
        var target = Assert.Single(_quic.Targets);
        Assert.Equal((new IPEndPoint(IPAddress.Parse("192.0.2.53"), 853), IPAddress.Parse("192.0.2.9"), 3L), (target.Endpoint, target.Source, target.CancelCode));
        Assert.Equal(("dns.test", "doq"), (target.Tls.TargetHost, Assert.Single(target.Tls.ApplicationProtocols!).ToString()));
        Assert.True(target.IdleTimeout > DoqConnection.IdleTimeout);
    }

    [Fact]
    public async Task Ask_ResponseByTheOctet_IsPutTogether()
    {
        var asking = AskAsync();
        var stream = await _quic.StreamAsync(0);
        var response = Response(stream);
        foreach (var octet in new[] { (byte)(response.Length >> 8), (byte)response.Length }.Concat(response))
        {
            stream.Send(octet);
        }

        stream.End();
        Assert.Equal(UpstreamError.None, (await asking).Error);
    }

    [Fact]
    public async Task Ask_TheLongestResponse_IsRead()
    {
        var asking = AskAsync();
        var stream = await _quic.StreamAsync(0);
        var response = new byte[ushort.MaxValue];
        Response(stream).CopyTo(response, 0);
        BinaryPrimitives.WriteUInt16BigEndian(response.AsSpan(10), 1);      // the rest is one OPT record that is as long
        var opt = Response(stream).Length;
        new byte[] { 0, 0, 41, 4, 0xD0, 0, 0, 0, 0 }.CopyTo(response, opt);
        var length = response.Length - opt - 11;
        BinaryPrimitives.WriteUInt16BigEndian(response.AsSpan(opt + 9), (ushort)length);
        BinaryPrimitives.WriteUInt16BigEndian(response.AsSpan(opt + 11), (ushort)EdnsOptionCode.Padding);
        BinaryPrimitives.WriteUInt16BigEndian(response.AsSpan(opt + 13), (ushort)(length - 4));
        stream.SendMessage(response).End();
        var result = await asking;
        Assert.Equal((UpstreamError.None, ushort.MaxValue), (result.Error, result.Response!.Length));
    }

    [Fact]
    public async Task Ask_TwoAtOnce_ShareTheConnectionAndAreAnsweredInAnyOrder()
    {
        var (first, second) = (AskAsync(), AskAsync());
        var (slow, fast) = (await _quic.StreamAsync(0), await _quic.StreamAsync(1));
        Answer(fast);
        await Task.WhenAny(first, second);
        Answer(slow);
        Assert.All(await Task.WhenAll(first, second), result => Assert.Equal(UpstreamError.None, result.Error));
        Assert.Single(_quic.Targets);
    }

    [Fact]
    public async Task Ask_GivenUp_StreamIsCancelledAndTheConnectionStays()
    {
        using var ending = new CancellationTokenSource();
        var asking = AskAsync(ending.Token);
        var stream = await _quic.StreamAsync(0);
        await ending.CancelAsync();
        Assert.Equal(UpstreamError.Abandoned, (await asking).Error);
        Assert.Equal(DoqError.RequestCancelled, stream.Aborted);
        await TestUpstreams.Until(() => stream.IsDisposed);
        Assert.Null(_quic.Connections[0].Closed);
    }

    [Fact]
    public async Task Ask_GivenUpAndNothingHeardMeanwhile_NextOneOpensAnotherConnection()
    {
        await AskAndAnswerAsync(0);
        _time.Advance(TimeSpan.FromSeconds(1));
        using var ending = new CancellationTokenSource();
        var asking = AskAsync(ending.Token);
        await _quic.StreamAsync(1);
        _time.Advance(TimeSpan.FromMicroseconds(_server.Health.AttemptTimeout));
        await ending.CancelAsync();
        Assert.Equal(UpstreamError.Abandoned, (await asking).Error);
        Assert.Equal(DoqError.None, _quic.Connections[0].Closed);
        await AskAndAnswerAsync(2);
        Assert.Equal(2, _quic.Connections.Count);
    }

    [Theory]
    [InlineData("nothing", "ends a stream without a response")]
    [InlineData("half", "ends a stream inside a response")]
    [InlineData("prefix", "ends a stream inside a response")]
    [InlineData("two", "sends more than one response on a stream")]
    [InlineData("id", "sends a response with an ID other than 0")]
    [InlineData("keep-alive", "sends edns-tcp-keepalive over QUIC")]
    public async Task Ask_ServerDoesNotKeepToTheProtocol_ConnectionIsClosedWithThatError(string fault, string problem)
    {
        var asking = AskAsync();
        var stream = await _quic.StreamAsync(0);
        var response = Response(stream);
        switch (fault)
        {
            case "half":
                stream.Send([0, (byte)response.Length, .. response[..20]]);
                break;
            case "prefix":
                stream.Send(0);
                break;
            case "two":
                stream.SendMessage(response).SendMessage(response);
                break;
            case "id":
                response[1] = 7;
                stream.SendMessage(response);
                break;
            case "keep-alive":
                response[11] = 1;
                stream.SendMessage([.. response, 0, 0, 41, 4, 0xD0, 0, 0, 0, 0, 0, 6, 0, 11, 0, 2, 0, 100]);
                break;
        }

        stream.End();
        Assert.Equal(UpstreamError.ConnectionLost, (await asking).Error);
        Assert.Equal(DoqError.Protocol, _quic.Connections[0].Closed);
        Assert.Equal(problem, _server.Statistics.Problem);
        await AskAndAnswerAsync(1);
        Assert.Equal(2, _quic.Connections.Count);
    }

    [Fact]
    public async Task Ask_ServerRefusesTheQuestion_ItIsABadResponseAndTheConnectionStays()
    {
        var asking = AskAsync();
        var stream = await _quic.StreamAsync(0);
        stream.Fail(new QuicResetException(DoqError.ExcessiveLoad));
        Assert.Equal(UpstreamError.BadResponse, (await asking).Error);
        Assert.Equal("refuses the question (DOQ_EXCESSIVE_LOAD)", _server.Statistics.Problem);
        Assert.Null(_quic.Connections[0].Closed);
        await AskAndAnswerAsync(1);
        Assert.Single(_quic.Targets);
    }

    [Fact]
    public async Task Ask_ResponseToAnotherQuestion_IsCountedAndNotBelieved()
    {
        var asking = AskAsync();
        var stream = await _quic.StreamAsync(0);
        stream.SendMessage(FakeReplies.Spoil(Response(stream), ReplyField.Name, TestUpstreams.AskedQuestion.Length)).End();
        var result = await asking;
        Assert.Equal((UpstreamError.BadResponse, null), (result.Error, result.Response));
        Assert.Equal(1, _server.Statistics.Mismatches);
    }

    [Fact]
    public async Task Ask_ConnectionIsLost_QuestionFailsAndTheNextOneConnects()
    {
        var asking = AskAsync();
        var stream = await _quic.StreamAsync(0);
        stream.Fail(new QuicLostException("the server closed the connection (error 0)"));
        Assert.Equal(UpstreamError.ConnectionLost, (await asking).Error);
        Assert.Equal("the server closed the connection (error 0)", _server.Statistics.Problem);
        await AskAndAnswerAsync(1);
        Assert.Equal(2, _quic.Connections.Count);
    }

    [Fact]
    public async Task Ask_KeptConnectionWasClosedMeanwhile_AnotherIsOpenedAndNothingFails()
    {
        await AskAndAnswerAsync(0);
        _quic.Connections[0].OpeningFails = new QuicLostException("idle");
        await AskAndAnswerAsync(1);
        Assert.Equal(2, _quic.Connections.Count);
        Assert.Null(_server.Statistics.Problem);
    }

    [Fact]
    public async Task Ask_NewConnectionOpensNoStream_Fails()
    {
        _quic.OpeningFails = new QuicLostException("QUIC failed (InternalError)");
        Assert.Equal(UpstreamError.ConnectionLost, (await AskAsync()).Error);
        Assert.Single(_quic.Targets);
    }

    [Fact]
    public async Task Ask_AsManyAsThereMayBe_OneMoreIsTurnedAway()
    {
        var asking = Enumerable.Range(0, DoqConnection.MaxInFlight).Select(_ => AskAsync()).ToList();
        await _quic.StreamAsync(DoqConnection.MaxInFlight - 1);
        Assert.Equal(UpstreamError.Shed, (await AskAsync()).Error);
        _connection.Dispose();
        Assert.All(await Task.WhenAll(asking), result => Assert.Equal(UpstreamError.ConnectionLost, result.Error));
        Assert.True(_connection.IsUnused);
    }

    [Fact]
    public async Task Idle_LongEnough_ConnectionIsClosedWithoutAnError()
    {
        await AskAndAnswerAsync(0);
        _time.Advance(DoqConnection.IdleTimeout - TimeSpan.FromSeconds(1));
        await AskAndAnswerAsync(1);
        _time.Advance(DoqConnection.IdleTimeout - TimeSpan.FromSeconds(1));
        Assert.Null(_quic.Connections[0].Closed);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(DoqError.None, _quic.Connections[0].Closed);
        await AskAndAnswerAsync(2);
        Assert.Equal(2, _quic.Connections.Count);
    }

    [Fact]
    public async Task Dialling_Fails_SaysWhy()
    {
        _quic.Dialling = static (_, _) => throw new SocketException((int)SocketError.ConnectionRefused);
        Assert.Equal(UpstreamError.Refused, (await AskAsync()).Error);
        _quic.Dialling = static (_, _) => throw new QuicLostException("QUIC failed (VersionNegotiationError)");
        Assert.Equal(UpstreamError.ConnectionLost, (await AskAsync()).Error);
        Assert.Equal("QUIC failed (VersionNegotiationError)", _server.Statistics.Problem);
        _quic.Dialling = static (_, _) => throw new AuthenticationException("no");
        Assert.Equal(UpstreamError.Untrusted, (await AskAsync()).Error);
        Assert.Equal(("TLS failed: no", 1L), (_server.Statistics.Problem, _server.Statistics.Untrusted));
    }

    [Fact]
    public async Task Dialling_TakesTooLong_IsATimeout()
    {
        _quic.Dialling = static (_, token) => new TaskCompletionSource().Task.WaitAsync(token);
        var asking = AskAsync();
        await TestUpstreams.Until(() => _quic.Targets.Count == 1);
        _time.Advance(UpstreamDialer.EncryptedTime);
        Assert.Equal(UpstreamError.Timeout, (await asking).Error);
    }

    [Fact]
    public async Task Dialling_QuestionThatBeganItIsGivenUp_TheOthersGetTheConnection()
    {
        var gate = new TaskCompletionSource();
        _quic.Dialling = (_, _) => gate.Task;
        using var ending = new CancellationTokenSource();
        var (first, second) = (AskAsync(ending.Token), AskAsync());
        await TestUpstreams.Until(() => _quic.Targets.Count == 1);
        await ending.CancelAsync();
        Assert.Equal(UpstreamError.Abandoned, (await first).Error);
        gate.SetResult();
        Answer(await _quic.StreamAsync(0));
        Assert.Equal(UpstreamError.None, (await second).Error);
        Assert.Single(_quic.Targets);
    }

    [Fact]
    public async Task CloseIf_ItsAddressIsGone_QuestionsFailAtOnce()
    {
        var asking = AskAsync();
        await _quic.StreamAsync(0);
        _connection.CloseIf(address => address.Equals(IPAddress.Parse("192.0.2.78")));
        Assert.Null(_quic.Connections[0].Closed);
        _connection.CloseIf(address => address.Equals(IPAddress.Parse("192.0.2.77")));
        Assert.Equal(UpstreamError.ConnectionLost, (await asking).Error);
    }

    private static byte[] Response(FakeQuicStream stream)
        => new FakeQuery(stream.Query, overStream: false, new IPEndPoint(IPAddress.Loopback, 1), 1, static _ => Task.CompletedTask, static _ => { }).Respond("192.0.2.1");

    private static void Answer(FakeQuicStream stream) => stream.SendMessage(Response(stream)).End();

    private Task<UpstreamResult> AskAsync(CancellationToken cancellationToken = default) => _connection.AskAsync(TestUpstreams.Query(), cancellationToken).AsTask();

    private async Task AskAndAnswerAsync(int stream)
    {
        var asking = AskAsync();
        Answer(await _quic.StreamAsync(stream));
        Assert.Equal(UpstreamError.None, (await asking).Error);
    }
}
