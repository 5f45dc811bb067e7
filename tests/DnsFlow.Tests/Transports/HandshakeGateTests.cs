using DnsFlow.Flows;
using DnsFlow.TestKit;
using DnsFlow.Tests.Flows;
using DnsFlow.Transports.Tls;

namespace DnsFlow.Tests.Transports;

public sealed class HandshakeGateTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void TryEnter_ManyAtOnce_TheRestIsTurnedAwayUntilOneEnds()
    {
        var gate = new HandshakeGate(_time);
        for (uint i = 0; i < HandshakeGate.MaxAtOnce; i++)
        {
            Assert.True(gate.TryEnter(FlowEndpoint.FromIPv4(0x0A000000 + i, 1)));
        }

        Assert.False(gate.TryEnter(FlowEndpoint.FromIPv4(0x0B000000, 1)));
        gate.Leave();
        Assert.True(gate.TryEnter(FlowEndpoint.FromIPv4(0x0B000000, 1)));
        Assert.Equal(HandshakeGate.MaxAtOnce, gate.Count);
    }

    [Fact]
    public void TryEnter_OneClientTooOften_WaitsForTheNextSecond()
    {
        var gate = new HandshakeGate(_time);
        var client = FlowEndpoint.FromIPv4(0xC0000201, 1);
        for (var i = 0; i < HandshakeGate.MaxPerClient; i++)
        {
            Assert.True(gate.TryEnter(client with { Port = (ushort)i }));
            gate.Leave();
        }

        Assert.False(gate.TryEnter(client));
        Assert.True(gate.TryEnter(client, isExempt: true));
        Assert.True(gate.TryEnter(FlowEndpoint.FromIPv4(0xC0000202, 1)));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(gate.TryEnter(client));
    }

    [Fact]
    public async Task Leave_WhileAnotherOneEnters_NoneIsLost()
    {
        const int Times = 300_000;
        var gate = new HandshakeGate(_time);
        var entering = Task.Run(() => Repeat(() => gate.TryEnter(FlowEndpoint.FromIPv4(0xC0000201, 1), isExempt: true)));
        await Task.Run(() => Repeat(() =>
        {
            if (gate.Count == 0)
            {
                return false;
            }

            gate.Leave();
            return true;
        })).Soon();
        await entering.Soon();
        Assert.Equal(0, gate.Count);

        static void Repeat(Func<bool> step)
        {
            for (var done = 0; done < Times;)
            {
                done += step() ? 1 : 0;
            }
        }
    }
}
