using DnsFlow.Flows;
using DnsFlow.Protocol;
using DnsFlow.Telemetry;

namespace DnsFlow.Queries;

/// <summary>
/// One query on its way through the engine: a view over its bytes, the flow it came by, and a buffer for the response.
/// Made on the stack of the thread that decides; nothing in it outlives the call.
/// </summary>
public ref struct QueryContext
{
    /// <summary>Begins a query. <paramref name="loweredName"/> is scratch of 255 octets; <paramref name="response"/> the buffer the response is written to.</summary>
    public QueryContext(ReadOnlySpan<byte> message, ref readonly FlowFacts flow, Span<byte> loweredName, Span<byte> response, long now)
    {
        Message = message;
        Flow = ref flow;
        Response = response;
        Now = now;
        Status = QueryView.TryParse(message, out Query);
        Target = ForwardTarget.None;
        Decision = Decision.None;
        Shard = -1;
        if (Query.NameLength > 0)
        {
            WireName.ToLower(Query.Name(message), loweredName);
            Name = loweredName[..Query.NameLength];
        }
    }

    /// <summary>
    /// Begins a query that was parsed with its batch. <paramref name="name"/> is QNAME in lower case, empty when there is none;
    /// <paramref name="nameHash"/> its hash by the seed that <see cref="Key"/> will be asked with.
    /// </summary>
    internal QueryContext(
        ReadOnlySpan<byte> message, QueryStatus status, in QueryView query, ReadOnlySpan<byte> name, ref readonly FlowFacts flow, Span<byte> response,
        long now, ulong nameHash, int shard)
    {
        Message = message;
        Flow = ref flow;
        Response = response;
        Now = now;
        _nameHash = nameHash;
        Status = status;
        Query = query;
        Name = name;
        Target = ForwardTarget.None;
        Decision = Decision.None;
        Shard = shard;
    }

    /// <summary>The lookup in the lists, if it was begun with the batch: one or none.</summary>
    internal Span<ListLookup> Lists { get; init; }

    // 0 = not known.
    private readonly ulong _nameHash;

    /// <summary>The query as it came.</summary>
    public readonly ReadOnlySpan<byte> Message;

    /// <summary>The flow it came by.</summary>
    public readonly ref readonly FlowFacts Flow;

    /// <summary>The query, parsed.</summary>
    public readonly QueryView Query;

    /// <summary>What parsing said.</summary>
    public readonly QueryStatus Status;

    /// <summary>QNAME in wire form and lower case; empty when there is no readable question.</summary>
    public readonly ReadOnlySpan<byte> Name;

    /// <summary>The monotonic time of the batch in microseconds.</summary>
    public readonly long Now;

    /// <summary>Where the response is written.</summary>
    public readonly Span<byte> Response;

    /// <summary>How many octets of <see cref="Response"/> are written.</summary>
    public int ResponseLength { get; set; }

    /// <summary>How the query is counted.</summary>
    public QueryOutcome Outcome { get; set; }

    /// <summary>The RCODE of the response, for the statistics.</summary>
    public ResponseCode ResponseCode { get; set; }

    /// <summary>The upstream group the policy chose; <see cref="ForwardTarget.None"/> before.</summary>
    public ForwardTarget Target { get; set; }

    /// <summary>The shard that decides, whose cache segment is read first; -1 on the stream plane.</summary>
    public int Shard { get; set; }

    /// <summary>Set by a rule that names the domain and forwards it: local zones and special-use names are not consulted.</summary>
    public bool SkipLocalData { get; set; }

    /// <summary>Set by a rule: the response cache is neither read nor written.</summary>
    public bool BypassCache { get; set; }

    /// <summary>Set for a rehearsal (<c>explain</c>, <c>replay</c>): nothing is counted or taken from a limit. Null on the live path.</summary>
    public QueryTrace? Trace { get; init; }

    /// <summary>Set by a rule: the way round that the query takes once a group is chosen.</summary>
    internal QueryDetour? Detour { get; set; }

    /// <summary>Whether the response came back from a detour that an answer rule began, or the question is the last of a detour: it does not take another.</summary>
    internal bool IsDetoured { get; init; }

    /// <summary>Whether the CNAME record of a list's entry is the whole answer, because no rule says who is to be asked for what it leads to.</summary>
    internal bool KeepsAlias { get; set; }

    /// <summary>Whether the answer rules have seen the response: a detour that comes after is theirs. The outcome does not say so, a query nobody decided has none yet.</summary>
    internal bool IsReviewed { get; set; }

    /// <summary>Set by a rule: what the upstream learns of the client's network, in place of what its group says.</summary>
    internal SubnetPolicy? SubnetPolicy { get; set; }

    /// <summary>The partition of the network that the client asked for and that is told to the upstream: the response says so; 0 = none.</summary>
    internal uint EchoedSubnet { get; set; }

    /// <summary>The DNS cookie of the query, once validation has read it.</summary>
    internal QueryCookie Cookie { get; set; }

    /// <summary>Set by the cache: the response is popular and its time nearly over; somebody should ask for it again.</summary>
    internal bool WantsRefresh { get; set; }

    /// <summary>The shard whose part of the cache the response came out of.</summary>
    internal int Holder { get; set; }

    /// <summary>Set by a rule: for how many milliseconds the query is held back.</summary>
    internal int DelayMilliseconds { get; set; }

    /// <summary>Set by a rule: the number of the group, plus one, that is asked as well; 0 = none.</summary>
    internal int Mirror { get; set; }

    /// <summary>Who decided.</summary>
    public Decision Decision { get; set; }

    /// <summary>The entry of a list by which the rule matched; nothing when its lists had no part in it.</summary>
    public ListMatch ListMatch { get; set; }

    /// <summary>Whether the flow carries datagrams, so that the response has to fit <see cref="MaxResponseSize"/> or be truncated.</summary>
    public readonly bool IsDatagram => Flow.Transport == FlowTransport.Udp;

    /// <summary>
    /// The most octets the response may have: on UDP the smaller of the client's EDNS size and 1,232 (512 without EDNS), on streams 65,535;
    /// never more than the buffer. A cookie that will be added is left room for.
    /// </summary>
    public readonly int MaxResponseSize => Math.Min(
        Response.Length,
        !IsDatagram ? ushort.MaxValue : Query.HasEdns ? Math.Min(Query.UdpPayloadSize, DnsResponses.AdvertisedUdpSize) - (Cookie.IsPresent ? QueryCookie.OptionSize : 0) - (EchoedSubnet != 0 ? SubnetOption.MaxSize : 0) : 512);

    /// <summary>The key of this question in the cache and among the questions in flight.</summary>
    public readonly QuestionKey Key(ulong seed)
    {
        bool dnssecOk = Query.DnssecOk, checkingDisabled = Query.Header.CheckingDisabled;
        var nameHash = _nameHash != 0 ? _nameHash : WireName.Hash(Name, seed);
        return new QuestionKey(Name, Query.Type, Query.Class, dnssecOk, checkingDisabled, Target.Partition)
        {
            Hash = QuestionKey.HashOf(nameHash, Query.Type, Query.Class, dnssecOk, checkingDisabled, Target.Partition),
        };
    }

    /// <summary>Answers without records and says how it is counted. Returns <see cref="StepResult.Answered"/>.</summary>
    public StepResult AnswerEmpty(ResponseCode code, QueryOutcome outcome, ExtendedErrorCode error = ExtendedErrorCode.None, bool truncated = false)
    {
        ResponseLength = DnsResponses.WriteEmpty(Message, Query, code, Response, error, truncated);
        return Answered(code, outcome);
    }

    /// <summary>Records that <see cref="Response"/> is complete. Returns <see cref="StepResult.Answered"/>.</summary>
    public StepResult Answered(ResponseCode code, QueryOutcome outcome)
    {
        ResponseCode = code;
        Outcome = outcome;
        return StepResult.Answered;
    }

    /// <summary>Records that there is no response. Returns <see cref="StepResult.Dropped"/>.</summary>
    public StepResult Dropped(QueryOutcome outcome)
    {
        ResponseLength = 0;
        Outcome = outcome;
        return StepResult.Dropped;
    }
}
