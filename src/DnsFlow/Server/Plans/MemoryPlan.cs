using System.Runtime.CompilerServices;
using DnsFlow.Flows;
using DnsFlow.Server.QueryLogs;
using DnsFlow.Settings;
using DnsFlow.Shards;

namespace DnsFlow.Server.Plans;

/// <summary>
/// How <c>Limits:Memory</c> is divided into pools. The cache and the tables take what their own bounds say; the buffers of streams get the rest.
/// </summary>
/// <param name="Cache">Octets of the response cache.</param>
/// <param name="Flows">Octets of the tables of flows and clients, all shards together.</param>
/// <param name="Questions">Octets of the tables of queries in flight, all shards together.</param>
/// <param name="Streams">Octets left to the buffers of streams.</param>
/// <param name="Lists">Octets of the lists of names; none when there is no list.</param>
/// <param name="Zones">Octets of local zones.</param>
/// <param name="QueryLog">Octets of the query log; none when there is none.</param>
internal sealed record MemoryPlan(long Cache, long Flows, long Questions, long Streams, long Lists, long Zones, long QueryLog)
{
    /// <summary>The least that streams need.</summary>
    public const long LeastStreams = 4L << 20;

    // Lists and zones get each at most this part of all memory, and leave streams what they need.
    private const int Share = 4;

    // What the table of all lists can point to, less the last block of each list.
    private const long MostLists = 3L << 30;

    private const int IndexEntry = 8, IndexEntriesPerSlot = 4, TimerEntry = 32, QueueEntry = 16, References = 4 * 8, ClientSlot = 72;

    /// <summary>The pools by name.</summary>
    public IReadOnlyDictionary<string, long> Pools => new Dictionary<string, long>
    {
        ["cache"] = Cache, ["flows"] = Flows, ["questions"] = Questions, ["streams"] = Streams, ["lists"] = Lists, ["zones"] = Zones, ["queryLog"] = QueryLog,
    };

    /// <summary>What <c>Limits:Memory</c> would have to be.</summary>
    public long Needed => Cache + Flows + Questions + QueryLog + LeastStreams;

    /// <summary>How many shards the options mean.</summary>
    public static int ShardCount(ProxyOptions options) => options.Shards > 0 ? options.Shards : Math.Clamp(Environment.ProcessorCount, 1, 16);

    /// <summary>Divides.</summary>
    public static MemoryPlan Of(ProxyOptions options)
    {
        var shards = ShardCount(options);
        var share = ShardLimits.Share(options.Limits, shards);
        var clients = Math.Min(65_536L, share.Flows * 2L);
        var flows = shards * ((share.Flows * (long)(Unsafe.SizeOf<FlowSlot>() + Index)) + (clients * (ClientSlot + Index)));
        var question = Unsafe.SizeOf<PendingSlot>() + (2 * Index) + Unsafe.SizeOf<WaiterSlot>() + WaiterTable.QuestionSize + TimerEntry + QueueEntry + References;
        var questions = shards * (long)share.InFlight * question;
        var log = LogOf(options.Stats.QueryLog);
        var rest = options.Limits.Memory - options.Cache.MaxBytes - flows - questions - log;
        var most = options.Limits.Memory / Share;
        var free = Math.Max(0, rest - LeastStreams);
        var zones = Math.Min(options.Lists.Count == 0 ? free : free / 2, most);
        var lists = options.Lists.Count == 0 ? 0 : Math.Min(free - zones, Math.Min(MostLists, most));
        return new MemoryPlan(options.Cache.MaxBytes, flows, questions, rest - lists - zones, lists, zones, log);
    }

    /// <summary>Says what does not fit, with the keys that would help; null when everything does.</summary>
    public string? Problem(long memory) => Streams >= LeastStreams
        ? null
        : $"{QuantityText.FormatSize(memory)} is too little: Cache:MaxBytes takes {Rounded(Cache)}, Limits:Flows {Rounded(Flows)}, Limits:InFlight "
            + $"{Rounded(Questions)} {(QueryLog == 0 ? "" : $"Stats:QueryLog {Rounded(QueryLog)}, ")}and streams need {Rounded(LeastStreams)}; {Rounded(Needed)} would do";

    private static long LogOf(QueryLogOptions log) => log.Sink == QueryLogOptions.Off ? 0
        : ((long)QueryLogQueue.Capacity * (Unsafe.SizeOf<LoggedQuery>() + sizeof(long))) + (log.Sink == QueryLogOptions.Memory ? log.MaxBytes : 0);

    // An index has a power of two of entries, two to four for each slot.
    private static int Index => IndexEntry * IndexEntriesPerSlot;

    private static string Rounded(long octets) => octets < 1 << 20
        ? QuantityText.FormatSize((octets + 1023) >> 10 << 10)
        : QuantityText.FormatSize((octets + (1 << 20) - 1) >> 20 << 20);
}
