using System.Buffers.Binary;
using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.Telemetry;
using DnsFlow.TestKit;
using DnsFlow.Upstreams;

namespace DnsFlow.Tests.Shards;

public sealed class ShardTests
{
    [Fact]
    public void Query_Forwarded_AnswerComesBackWithItsOwnIdAndLetterCase()
    {
        using var harness = new ShardHarness();
        harness.Send(Wire.Query("WwW.Example", id: 0xBEEF));
        var asked = harness.Upstream.Take();
        asked.Answer(Wire.Answer(asked.Query, 300, "198.51.100.7"));
        harness.Run();

        var response = harness.Response()!;
        Assert.Equal(0xBEEF, Wire.Header(response).Id);
        Assert.Equal("198.51.100.7", Wire.FirstAddress(response));
        Assert.Equal(Wire.Name("WwW.Example"), response[12..(12 + 13)]);
        Assert.Equal(1, harness.Count(QueryOutcome.Forwarded));
        Assert.Equal(0, harness.Shard.InFlight);
    }

    [Fact]
    public void Query_AskedAgain_ComesFromTheCacheWithLessTtl()
    {
        using var harness = new ShardHarness();
        harness.Send(Wire.Query("a.example"));
        var asked = harness.Upstream.Take();
        asked.Answer(Wire.Answer(asked.Query, 300, "198.51.100.7"));
        harness.Run();
        harness.Elapse(TimeSpan.FromSeconds(100));
        harness.Send(Wire.Query("A.example", id: 7), client: 1);

        var response = harness.Response(1)!;
        Assert.Equal(7, Wire.Header(response).Id);
        Assert.Equal(200u, BinaryPrimitives.ReadUInt32BigEndian(response.AsSpan(response.Length - 10)));
        Assert.Equal(1, harness.Upstream.Received);
        Assert.Equal(1, harness.Count(QueryOutcome.Cached));
    }

    [Fact]
    public void Query_Upstream_IsWrittenAnewWithRandomIdAndOurOpt()
    {
        using var harness = new ShardHarness();
        var ids = new HashSet<ushort>();
        for (var i = 0; i < 20; i++)
        {
            harness.Send(Wire.Query($"n{i}.example", id: 1), client: i);
            var query = harness.Upstream.Take().Query;
            ids.Add(Wire.Header(query).Id);
            Assert.Equal(1, Wire.Header(query).AdditionalCount);
            Assert.Equal([0x04, 0xD0], query[^8..^6]);      // 1,232
        }

        Assert.True(ids.Count > 15, "IDs repeat: they are not random");
    }

    [Fact]
    public void Invariant12_DuplicateInFlight_OneUpstreamQueryAndOneAnswerEach()
    {
        using var harness = new ShardHarness();
        harness.Send(Wire.Query("a.example", id: 1));
        harness.Send(Wire.Query("a.example", id: 1));
        harness.Send(Wire.Query("A.EXAMPLE", id: 2), client: 1);
        Assert.Equal(1, harness.Upstream.Received);
        Assert.Equal(3, harness.Shard.InFlight);

        var asked = harness.Upstream.Take();
        asked.Answer(Wire.Answer(asked.Query, 300, "198.51.100.7"));
        harness.Run();
        Assert.NotNull(harness.Response());
        Assert.NotNull(harness.Response());
        Assert.Null(harness.Response());
        Assert.Equal(Wire.Name("A.EXAMPLE"), harness.Response(1)![12..23]);
    }

    [Theory]
    [InlineData(new byte[] { 1, 2, 3 })]
    [InlineData(new byte[] { 0, 1, 0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 97, 0, 0, 1, 0, 1 })]
    public void Datagram_ShortOrResponse_GetsSilenceAndNoFlow(byte[] datagram)
    {
        using var harness = new ShardHarness();
        harness.Send(datagram);
        Assert.Null(harness.Response());
        Assert.Equal(0, harness.Shard.FlowCount);
        Assert.Equal(0, harness.Received());
    }

    [Fact]
    public void Datagram_FromOutsideTheAccessList_GetsSilence()
    {
        using var harness = new ShardHarness();
        harness.SendFrom(FlowEndpoint.FromIPv4(0x08080808, 4000), Wire.Query("a.example"));
        Assert.Equal(0, harness.Network.WaitingForClients);
        Assert.Equal(1, harness.Counters.IgnoredCount(IgnoredReason.NotAllowed));
        Assert.Equal(0, harness.Shard.FlowCount);
    }

    [Fact]
    public void Limits_FlowHasItsQueriesInFlight_NewestIsDroppedAndCounted()
    {
        using var harness = new ShardHarness(new LimitOptions { Flows = 64, InFlight = 64, PerFlow = new FlowLimitOptions { InFlight = 2 } });
        for (var i = 0; i < 3; i++)
        {
            harness.Send(Wire.Query($"n{i}.example"));
        }

        Assert.Equal(2, harness.Upstream.Received);
        Assert.Equal(1, harness.Counters.ShedCount(ShedReason.FlowInFlight));
        Assert.Equal(1, harness.Count(QueryOutcome.Shed));
        Assert.Equal(harness.Received(), harness.Finished() + harness.Shard.InFlight);
    }

    [Fact]
    public void Limits_TableFull_ServFailAtOnce()
    {
        using var harness = new ShardHarness(new LimitOptions { Flows = 64, InFlight = 4 });
        for (var i = 0; i < 5; i++)
        {
            harness.Send(Wire.Query($"n{i}.example", udpSize: 1232), client: i);
        }

        var response = harness.Response(4)!;
        Assert.Equal(ResponseCode.ServFail, Wire.Header(response).ResponseCode);
        Assert.Equal([0, 15, 0, 2, 0, 23], response[^6..]);
        Assert.Equal(1, harness.Counters.ShedCount(ShedReason.InFlightFull));
    }

    [Fact]
    public void Invariant09_FloodOfPorts_FlowsStayBoundedAndANormalQueryIsStillAnswered()
    {
        using var harness = new ShardHarness(new LimitOptions { Flows = 128, InFlight = 64 });
        for (var i = 0; i < 20_000; i++)
        {
            harness.Network.SendFromClient(ShardHarness.Client(i % 50_000), ShardHarness.Listener, Wire.Query("flood.example", RecordType.ANY));
            if (i % 64 == 0)
            {
                harness.Run();
                Assert.InRange(harness.Shard.FlowCount, 0, 128);
            }
        }

        harness.Run();
        while (harness.Network.TryTakeForClients(out _))
        {
        }

        harness.Send(Wire.Query("a.example"), client: 55_000);
        var asked = harness.Upstream.Take();
        asked.Answer(Wire.Answer(asked.Query, 300, "198.51.100.7"));
        harness.Run();
        Assert.NotNull(harness.Response(55_000));
    }

    [Fact]
    public void Invariant01_FlowsOpened_EqualEndedPlusLiveAndIdleOnesEnd()
    {
        using var harness = new ShardHarness();
        for (var i = 0; i < 10; i++)
        {
            harness.Send(Wire.Query("a.example", RecordType.ANY), client: i);
        }

        Assert.Equal(10, harness.Shard.FlowCount);
        Assert.Equal(10, harness.Counters.FlowsOpened(0, 0, (int)FlowVerdict.Claim));
        harness.Elapse(TimeSpan.FromSeconds(11));
        Assert.Equal(0, harness.Shard.FlowCount);
        Assert.Equal(10, harness.Counters.FlowsClosed(0, (int)FlowCloseReason.IdleTimeout));
    }

    [Fact]
    public void Idle_QueryInFlight_FlowIsNotSwept()
    {
        using var harness = new ShardHarness(new LimitOptions { Flows = 64, InFlight = 64, UdpIdle = TimeSpan.FromSeconds(1) });
        harness.Exchange.OnAsk = (_, _, _, _) => new TaskCompletionSource<UpstreamResult>().Task;
        harness.Send(Wire.Query("a.example"));
        harness.Elapse(TimeSpan.FromSeconds(2));
        Assert.Equal(1, harness.Shard.FlowCount);
    }

    [Fact]
    public void Discard_Datagrams_GetSilence()
    {
        using var harness = new ShardHarness(handler: new FixedFlowHandler(FlowVerdict.Discard));
        harness.Send(Wire.Query("a.example"));
        Assert.Null(harness.Response());
        Assert.Equal(0, harness.Upstream.Received);
        Assert.Equal(1, harness.Counters.FlowsOpened(0, 0, (int)FlowVerdict.Discard));
        Assert.Equal(1, harness.Counters.IgnoredCount(IgnoredReason.Discarded));
    }

    [Fact]
    public void Invariant04_Pass_SystemGetsTheSameBytesAndTheClientItsAnswer()
    {
        using var harness = new ShardHarness(handler: new FixedFlowHandler(FlowVerdict.Pass));
        var query = Wire.Query("A.example", id: 0x4242, udpSize: 4096);
        harness.Send(query);
        var asked = harness.Network.Upstream(harness.SystemServer.Endpoint).Take();
        Assert.Equal(query, asked.Query);
        var answer = Wire.Answer(query, 5, "198.51.100.7");
        asked.Answer(answer);
        harness.Run();
        Assert.Equal(answer, harness.Response());
        Assert.Equal(1, harness.Count(QueryOutcome.Passed));
    }

    [Fact]
    public void Pass_SameIdTwice_LeavesByAnotherPort()
    {
        using var harness = new ShardHarness(handler: new FixedFlowHandler(FlowVerdict.Pass));
        harness.Send(Wire.Query("a.example", id: 5), client: 0);
        harness.Send(Wire.Query("b.example", id: 5), client: 1);
        var system = harness.Network.Upstream(harness.SystemServer.Endpoint);
        Assert.NotEqual(system.Take().Source, system.Take().Source);
    }

    [Fact]
    public void StopListening_QueriesInFlight_AreStillAnsweredAndFlowsEnd()
    {
        using var harness = new ShardHarness();
        harness.Send(Wire.Query("a.example"));
        harness.Network.SendFromClient(ShardHarness.Client(1), ShardHarness.Listener, Wire.Query("b.example"));
        harness.Shard.StopListening();
        Assert.Equal(2, harness.Shard.InFlight);      // what had arrived was taken
        var asked = harness.Upstream.Take();
        asked.Answer(Wire.Answer(asked.Query, 300, "198.51.100.7"));
        harness.Run();
        Assert.NotNull(harness.Response());

        harness.Shard.End();
        Assert.Equal(ResponseCode.ServFail, Wire.Header(harness.Response(1)!).ResponseCode);
        Assert.Equal(0, harness.Shard.FlowCount);
        Assert.Equal(2, harness.Counters.FlowsClosed(0, (int)FlowCloseReason.ProviderStopped));
        Assert.Equal(harness.Received(), harness.Finished());
    }
}
