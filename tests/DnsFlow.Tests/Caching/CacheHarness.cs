using System.Buffers.Binary;
using DnsFlow.Caching;
using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;
using DnsFlow.Tests.Queries;

namespace DnsFlow.Tests.Caching;

/// <summary>One asker's question.</summary>
internal sealed record Question(
    string Name, RecordType Type = RecordType.A, bool Do = false, bool Cd = false, uint Partition = 1, RecordClass Class = RecordClass.IN,
    bool HasEdns = true, FlowTransport Transport = FlowTransport.Udp)
{
    public byte[] Wire { get; } = Build(Name, Type, Do, Cd, Class, HasEdns);

    private static byte[] Build(string name, RecordType type, bool dnssecOk, bool cd, RecordClass @class, bool hasEdns)
    {
        byte[] message =
        [
            .. new byte[DnsHeader.Size], .. ResponseBuilder.Name(name), .. ResponseBuilder.U16((int)type), .. ResponseBuilder.U16((int)@class),
            .. hasEdns ? [0, 0, 41, 16, 0, 0, 0, dnssecOk ? (byte)0x80 : (byte)0, 0, 0, 12, 0, 10, 0, 8, 9, 9, 9, 9, 9, 9, 9, 9] : (byte[])[],
        ];
        new DnsHeader(0x4242, (ushort)(0x0100 | (cd ? 0x10 : 0)), 1, 0, 0, (ushort)(hasEdns ? 1 : 0)).Write(message);
        return message;
    }
}

/// <summary>What came back from the cache; null response = a miss.</summary>
internal sealed record CacheAnswer(byte[]? Response, QueryOutcome Outcome, ResponseCode Code)
{
    public bool IsHit => Response is not null;

    /// <summary>The address of the first answer as a number.</summary>
    public uint Address => BinaryPrimitives.ReadUInt32BigEndian(Convert.FromHexString(ResponseBuilder.Read(Response!)[0].Split(' ')[^1]));

    public uint Ttl => uint.Parse(ResponseBuilder.Read(Response!)[0].Split(' ')[^2], System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>A cache, a clock that a test moves, and the scrubber that feeds it.</summary>
internal sealed class CacheHarness(CacheOptions options, int segments = 1) : IDisposable
{
    private readonly ResponseScrubber _scrubber = new();
    private readonly byte[] _buffer = new byte[65_535];
    private readonly byte[] _name = new byte[255];

    public CacheHarness(long bytes = 1 << 20, int segments = 1)
        : this(new CacheOptions { MaxBytes = bytes }, segments)
    {
    }

    public ResponseCache Cache { get; } = new(options, segments, seed: 77);

    public long Now { get; set; } = 3_600 * MonotonicClock.Second;

    public CacheStatistics Statistics => Cache.Statistics;

    public void Elapse(double seconds) => Now += (long)(seconds * MonotonicClock.Second);

    public void Store(Question question, uint address, uint ttl = 300, int segment = 0, int padding = 0)
    {
        var builder = new ResponseBuilder(question.Name, question.Type, @class: question.Class)
            .Add(0, "", question.Type, ttl, ResponseBuilder.U32(address), question.Class);
        if (padding > 0)
        {
            builder.Add(0, "", RecordType.RRSIG, ttl, [.. ResponseBuilder.Signature(question.Type), .. new byte[padding]], question.Class);
        }

        Store(question, builder, segment);
    }

    public void StoreNegative(Question question, uint ttl = 300, int segment = 0, ushort flags = 0x8183)
        => Store(question, new ResponseBuilder(question.Name, question.Type, flags).Add(1, "", RecordType.SOA, ttl, ResponseBuilder.Soa(ttl)), segment);

    public void Store(Question question, ResponseBuilder builder, int segment = 0)
    {
        Assert.True(_scrubber.TryScrub(builder.Build(), builder.Question, Cache.Limits, out var scrubbed));
        Cache.Store(segment, Key(question), scrubbed, Now);
    }

    public void Fail(Question question, ResponseCode code = ResponseCode.ServFail, ExtendedErrorCode error = ExtendedErrorCode.NetworkError)
        => Cache.StoreFailure(0, Key(question), code, error, Now);

    public CacheAnswer Ask(Question question, int segment = 0)
    {
        var facts = Facts(question);
        var context = new QueryContext(question.Wire, ref facts, _name, _buffer, Now) { Target = new ForwardTarget(0, question.Partition) };
        return Cache.TryAnswer(ref context, segment, context.Key(Cache.Seed))
            ? new CacheAnswer(_buffer[..context.ResponseLength], context.Outcome, context.ResponseCode)
            : new CacheAnswer(null, default, default);
    }

    public static FlowFacts Facts(Question question) => new(new FlowKey(question.Transport, default, default), 0);

    public QuestionKey Key(Question question) => new(
        ResponseBuilder.Name(question.Name.ToLowerInvariant()), question.Type, question.Class, question.Do, question.Cd, question.Partition, Cache.Seed);

    public void Dispose() => Cache.Dispose();
}
