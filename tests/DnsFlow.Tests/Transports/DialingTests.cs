using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using DnsFlow.TestKit;
using DnsFlow.Transports.Dialing;

namespace DnsFlow.Tests.Transports;

public class DialingTests
{
    private static readonly IPEndPoint s_v6 = new(IPAddress.Parse("2001:db8::1"), 853), s_v4 = new(IPAddress.Parse("192.0.2.1"), 853);

    private readonly ManualTimeProvider _time = new();
    private readonly ConcurrentDictionary<IPEndPoint, TaskCompletionSource<Stream>> _dialled = new();

    [Fact]
    public void Sort_FamiliesAlternate_IPv6First()
        => Assert.Equal(
            ["2001:db8::1", "192.0.2.1", "2001:db8::2", "192.0.2.2", "192.0.2.3"],
            HappyEyeballs.Sort(new[] { "192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::1", "2001:db8::2", "192.0.2.1" }.Select(IPAddress.Parse)).Select(address => address.ToString()));

    [Fact]
    public async Task Connect_FirstKeepsSilent_SecondIsTriedAfterAQuarterAndWins()
    {
        var connecting = Dial();
        await TestWait.Until(() => _dialled.ContainsKey(s_v6));
        Assert.False(_dialled.ContainsKey(s_v4));
        await TestWait.Until(() => _time.PendingTimers > 0);
        _time.Advance(HappyEyeballs.AttemptDelay);
        await TestWait.Until(() => _dialled.ContainsKey(s_v4));
        var stream = new MemoryStream();
        _dialled[s_v4].SetResult(stream);
        Assert.Same(stream, await connecting);
    }

    [Fact]
    public async Task Connect_FirstFails_SecondIsTriedAtOnce()
    {
        var connecting = Dial();
        await TestWait.Until(() => _dialled.ContainsKey(s_v6));
        _dialled[s_v6].SetException(new SocketException((int)SocketError.NetworkUnreachable));
        await TestWait.Until(() => _dialled.ContainsKey(s_v4));
        _dialled[s_v4].SetResult(new MemoryStream());
        await connecting;
    }

    [Fact]
    public async Task Connect_AllFail_ThrowsWhatTheLastSaid()
    {
        var connecting = Dial();
        await TestWait.Until(() => _dialled.ContainsKey(s_v6));
        _dialled[s_v6].SetException(new SocketException((int)SocketError.NetworkUnreachable));
        await TestWait.Until(() => _dialled.ContainsKey(s_v4));
        _dialled[s_v4].SetException(new SocketException((int)SocketError.ConnectionRefused));
        Assert.Equal(SocketError.ConnectionRefused, (await Assert.ThrowsAsync<SocketException>(() => connecting)).SocketErrorCode);
    }

    [Theory]
    [InlineData("socks5://127.0.0.1:1080", true)]
    [InlineData("http://[::1]:3128", true)]
    [InlineData("http://127.0.0.1", true)]
    [InlineData("https://127.0.0.1:3128", false)]
    [InlineData("socks5://proxy.test", false)]
    [InlineData("http://user:secret@127.0.0.1", false)]
    [InlineData("http://127.1", false)]
    [InlineData("127.0.0.1:1080", false)]
    public void ProxyAddress_TextOfMany_IsReadOrNot(string text, bool isRead) => Assert.Equal(isRead, ProxyAddress.TryParse(text, out _));

    [Theory]
    [InlineData("socks5", "050100 05010003 08 646E732E74657374 0355", "0500 05000001 7F000001 0102")]
    [InlineData("http", "434F4E4E454354", "485454502F312E3120323030204F4B0D0A0D0A")]
    public async Task Tunnel_ProxyAgrees_IsOpenAndTakesNothingOfWhatFollows(string kind, string sent, string answered)
    {
        var (ours, theirs) = await PairAsync();
        await theirs.WriteAsync(Convert.FromHexString(answered.Replace(" ", "") + "AA"));
        await ProxyTunnel.OpenAsync(ours, new ProxyAddress(kind == "socks5", new IPEndPoint(IPAddress.Loopback, 1)), "dns.test", 853, CancellationToken.None);
        Assert.Equal(0xAA, ours.ReadByte());
        var expected = Convert.FromHexString(sent.Replace(" ", ""));
        var request = new byte[expected.Length];
        await theirs.ReadExactlyAsync(request);
        Assert.Equal(expected, request);
    }

    [Theory]
    [InlineData("socks5", "0502")]
    [InlineData("socks5", "0500 05050001 00")]
    [InlineData("http", "485454502F312E31203430332046")]
    [InlineData("http", "58580D0A0D0A")]
    public async Task Tunnel_ProxyDeclines_SaysSo(string kind, string answered)
    {
        var (ours, theirs) = await PairAsync();
        await theirs.WriteAsync(Convert.FromHexString(answered.Replace(" ", "")));
        theirs.Dispose();
        await Assert.ThrowsAnyAsync<IOException>(
            () => ProxyTunnel.OpenAsync(ours, new ProxyAddress(kind == "socks5", new IPEndPoint(IPAddress.Loopback, 1)), "dns.test", 853, CancellationToken.None));
    }

    private static async Task<(NetworkStream Ours, NetworkStream Theirs)> PairAsync()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndPoint!);
        return (new NetworkStream(client, ownsSocket: true), new NetworkStream(await listener.AcceptAsync(), ownsSocket: true));
    }

    private Task<Stream> Dial()
        => new AddressRace<Stream>(
            (endpoint, _) => new ValueTask<Stream>((_dialled[endpoint] = new TaskCompletionSource<Stream>(TaskCreationOptions.RunContinuationsAsynchronously)).Task), _time)
            .ConnectAsync([s_v6, s_v4], CancellationToken.None).AsTask();
}
