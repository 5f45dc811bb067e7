using DnsFlow.Flows;
using DnsFlow.Policy;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;

namespace DnsFlow.Tests.Policy;

public sealed class ActionTests
{
    [Fact]
    public void Forward_ToAGroup_ChoosesItAndGoesOn()
    {
        var asked = Ask("""{ "Action": "forward", "To": "CORP" }""", new("www.example"));
        Assert.Equal(StepResult.Continue, asked.Result);
        Assert.Equal(new ForwardTarget(1, 101), asked.Target);
        Assert.False(asked.SkipLocalData);
        Assert.False(asked.BypassCache);
    }

    [Theory]
    [InlineData("\"corp.example\"", true)]
    [InlineData("\".\"", false)]
    [InlineData("[\".\", \"corp.example\"]", false)]
    public void Forward_RuleNamesTheDomain_SkipsLocalData(string domains, bool skips)
    {
        var asked = Ask($$"""{ "When": { "Domains": {{domains}} }, "Action": "forward", "To": "corp", "Cache": "false" }""", new("a.corp.example"));
        Assert.Equal(skips, asked.SkipLocalData);
        Assert.True(asked.BypassCache);
    }

    [Theory]
    [InlineData(RecordType.A, 2)]
    [InlineData(RecordType.TXT, 1)]
    [InlineData(RecordType.HTTPS, 1)]
    [InlineData((RecordType)65_280, 1)]
    [InlineData(RecordType.ANY, 5)]
    public void Answer_TypeHasRecords_GivesThemForTheAskedName(RecordType type, int count)
    {
        var asked = Ask(
            """{ "Action": "answer", "Ttl": "5m", "Records": ["A 192.168.1.9", "a 192.168.1.10", "TXT \"x y\" z", "HTTPS 1 . alpn=h2", "TYPE65280 \\# 2 cafe"] }""",
            new("Printer.HOME.arpa", type) { Transport = FlowTransport.Tcp });
        Assert.Equal((StepResult.Answered, QueryOutcome.Local, ResponseCode.NoError), (asked.Result, asked.Outcome, asked.Code));
        Assert.Equal(count, asked.Header.AnswerCount);
        Assert.True((asked.Header.Flags & DnsHeader.AuthoritativeBit) != 0);
        Assert.All(asked.Records(), static record => Assert.Equal(("Printer.HOME.arpa.", 300u), (record.Owner, record.Ttl)));
        if (type == RecordType.A)
        {
            Assert.Equal([[192, 168, 1, 9], [192, 168, 1, 10]], asked.Records().Select(static record => record.Data));
        }
    }

    [Fact]
    public void Answer_TypeHasNone_IsNoDataWithSoa()
    {
        var asked = Ask("""{ "Action": "answer", "Records": "A 192.168.1.9" }""", new("printer.home.arpa", RecordType.AAAA) { Edns = 4096 });
        Assert.Equal((ResponseCode.NoError, QueryOutcome.Local), (asked.Code, asked.Outcome));
        Assert.Equal([("home.arpa.", RecordType.SOA), (".", RecordType.OPT)], asked.Records().Select(static record => (record.Owner, record.Type)));
    }

    [Fact]
    public void Answer_Cname_AnswersEveryType()
    {
        var asked = Ask("""{ "Action": "answer", "Records": ["CNAME target.example"] }""", new("www.example", RecordType.AAAA));
        Assert.Equal([RecordType.CNAME], asked.Records().Select(static record => record.Type));
    }

    [Fact]
    public void Answer_OtherClass_IsRefused()
    {
        var asked = Ask("""{ "Action": "answer", "Records": "TXT x" }""", new("version.bind", RecordType.TXT) { Class = RecordClass.CH });
        Assert.Equal((ResponseCode.Refused, (ushort)0), (asked.Code, asked.Header.AnswerCount));
    }

    [Theory]
    [InlineData(null, FlowTransport.Udp, true)]
    [InlineData((ushort)1232, FlowTransport.Udp, false)]
    [InlineData((ushort)900, FlowTransport.Udp, true)]
    [InlineData(null, FlowTransport.Tcp, false)]
    public void Answer_TooLargeForTheClient_IsTruncated(ushort? edns, FlowTransport transport, bool truncated)
    {
        var texts = string.Join(", ", Enumerable.Range(0, 4).Select(static i => $"\"TXT {new string((char)('a' + i), 250)}\""));
        var asked = Ask($$"""{ "Action": "answer", "Records": [{{texts}}] }""", new("www.example", RecordType.TXT) { Edns = edns, Transport = transport });
        Assert.Equal(truncated, asked.Header.IsTruncated);
        Assert.Equal(truncated ? 0 : 4, asked.Header.AnswerCount);
        Assert.InRange(asked.Response.Length, 12, edns ?? (transport == FlowTransport.Udp ? 512 : ushort.MaxValue));
    }

    [Theory]
    [InlineData("nxdomain", RecordType.A, ResponseCode.NXDomain, 0)]
    [InlineData("nxdomain", RecordType.HTTPS, ResponseCode.NXDomain, 0)]
    [InlineData("nodata", RecordType.A, ResponseCode.NoError, 0)]
    [InlineData("zero", RecordType.A, ResponseCode.NoError, 1)]
    [InlineData("zero", RecordType.AAAA, ResponseCode.NoError, 1)]
    [InlineData("zero", RecordType.HTTPS, ResponseCode.NoError, 0)]
    [InlineData("zero", RecordType.SVCB, ResponseCode.NoError, 0)]
    [InlineData("refused", RecordType.A, ResponseCode.Refused, 0)]
    public void Block_Style_AnswersEveryTypeAlike(string style, RecordType type, ResponseCode code, int answers)
    {
        var asked = Ask("""{ "Action": "block" }""", new("ads.Tracker.example", type) { Edns = 1232 }, $$"""{ "Style": "{{style}}", "Ttl": "30s" }""");
        Assert.Equal((StepResult.Answered, QueryOutcome.Blocked, code), (asked.Result, asked.Outcome, asked.Code));
        Assert.Equal((code, answers), (asked.Header.ResponseCode, asked.Header.AnswerCount));
        Assert.Equal(ExtendedErrorCode.Filtered, asked.Decision.Error);
        Assert.Equal(ExtendedErrorCode.Filtered, ExtendedError(asked));
        if (answers == 1)
        {
            Assert.All(asked.Records()[0].Data, static octet => Assert.Equal(0, octet));
        }
        else if (style != "refused")
        {
            AssertSoa(asked.Records()[0], "Tracker.example.", 30);
        }
    }

    [Fact]
    public void Block_RuleHasItsOwnKeys_TheyWin()
    {
        var asked = Ask("""{ "Action": "block", "Style": "nodata", "Ttl": "7s", "Reason": "blocked" }""", new("ads.example") { Edns = 1232 });
        Assert.Equal(ResponseCode.NoError, asked.Code);
        Assert.Equal(ExtendedErrorCode.Blocked, ExtendedError(asked));
        AssertSoa(asked.Records()[0], "example.", 7);
    }

    [Fact]
    public void Block_ExtendedErrorsOff_SaysNothing()
    {
        var asked = Ask("""{ "Action": "block" }""", new("ads.example") { Edns = 1232 }, """{ "ExtendedErrors": false }""");
        Assert.Equal(ExtendedErrorCode.None, ExtendedError(asked));
    }

    [Theory]
    [InlineData("nxdomain", ResponseCode.NXDomain)]
    [InlineData("nodata", ResponseCode.NoError)]
    public void Negative_Answer_CarriesASoaOfTheParent(string action, ResponseCode code)
    {
        var asked = Ask($$"""{ "Action": "{{action}}" }""", new("www.Example.org", RecordType.DS));
        Assert.Equal((code, QueryOutcome.Refused), (asked.Header.ResponseCode, asked.Outcome));
        AssertSoa(Assert.Single(asked.Records()), "Example.org.", 60);
        Assert.Equal(0x4711, asked.Header.Id);
    }

    [Theory]
    [InlineData("example", ".")]
    [InlineData(".", ".")]
    public void Negative_AtTheTop_SoaIsTheRoots(string name, string owner) =>
        AssertSoa(Assert.Single(Ask("""{ "Action": "nxdomain", "Ttl": "60s" }""", new(name)).Records()), owner, 60);

    [Fact]
    public void Negative_LongestName_FitsTheSmallestResponse()
    {
        var name = string.Join('.', Enumerable.Repeat("a", 127));
        var asked = Ask("""{ "Action": "block" }""", new(name) { Edns = 512 });
        Assert.InRange(asked.Response.Length, 12, 512);
        Assert.Equal([RecordType.SOA, RecordType.OPT], asked.Records().Select(static record => record.Type));
    }

    [Fact]
    public void Refuse_AnswersRefused()
    {
        var asked = Ask("""{ "Action": "refuse" }""", new("www.example") { Edns = 1232 });
        Assert.Equal((ResponseCode.Refused, QueryOutcome.Refused), (asked.Header.ResponseCode, asked.Outcome));
        Assert.Equal(ExtendedErrorCode.Prohibited, ExtendedError(asked));
    }

    [Theory]
    [InlineData(FlowTransport.Udp, StepResult.Answered)]
    [InlineData(FlowTransport.Tcp, StepResult.Continue)]
    public void Truncate_IsForDatagramsOnly(FlowTransport transport, StepResult result)
    {
        var asked = Ask("""{ "Action": "truncate" }""", new("www.example") { Transport = transport });
        Assert.Equal(result, asked.Result);
        Assert.Equal(result == StepResult.Answered, asked.Response.Length > 0 && asked.Header.IsTruncated);
    }

    [Fact]
    public void Drop_DoesNotAnswer()
    {
        var asked = Ask("""{ "Action": "drop" }""", new("www.example"));
        Assert.Equal((StepResult.Dropped, QueryOutcome.Dropped, 0), (asked.Result, asked.Outcome, asked.Response.Length));
    }

    [Fact]
    public void Response_KeepsIdLetterCaseAndRecursionDesired()
    {
        var question = new AskedQuestion("wWw.ExAmPlE");
        var asked = Ask("""{ "Action": "answer", "Records": "A 192.0.2.1" }""", question);
        Assert.Equal(question.Message()[DnsHeader.Size..], asked.Response[DnsHeader.Size..question.Message().Length]);
        Assert.True(asked.Header.RecursionDesired);
        Assert.True(asked.Header.IsResponse);
    }

    [Theory]
    [InlineData("""{ "Action": "forward", "To": "corp" }""")]
    [InlineData("""{ "Action": "answer", "Records": ["A 192.0.2.1", "A 192.0.2.2"] }""")]
    [InlineData("""{ "Action": "answer", "Records": ["AAAA ::1"] }""")]
    [InlineData("""{ "Action": "block" }""")]
    [InlineData("""{ "Action": "block", "Style": "zero" }""")]
    [InlineData("""{ "Action": "block", "Style": "refused" }""")]
    [InlineData("""{ "Action": "refuse" }""")]
    [InlineData("""{ "Action": "nodata" }""")]
    [InlineData("""{ "Action": "nxdomain" }""")]
    [InlineData("""{ "Action": "truncate" }""")]
    [InlineData("""{ "Action": "drop" }""")]
    public void Invoke_HundredThousandQueries_AllocateNothing(string rule)
    {
        var step = new PolicyStep(Rules(rule, "{}"));
        var question = new AskedQuestion("www.corp.example") { Edns = 1232 };
        var (message, flow) = (question.Message(), question.Flow());
        Span<byte> name = stackalloc byte[WireName.MaxLength];
        Span<byte> response = stackalloc byte[1232];
        var context = new QueryContext(message, ref flow, name, response, 0);
        step.Invoke(ref context);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100_000; i++)
        {
            context = new QueryContext(message, ref flow, name, response, 0);
            step.Invoke(ref context);
        }

        Assert.Equal(0, (GC.GetAllocatedBytesForCurrentThread() - before) / 100_000);
    }

    private static Asked Ask(string rule, AskedQuestion question, string blocking = "{}") => Asked.Ask(Rules(rule, blocking), question);

    private static RuleSet Rules(string rule, string blocking) =>
        (rule.Contains("When", StringComparison.Ordinal) && !rule.Contains("\".\"", StringComparison.Ordinal)) || rule.Contains("truncate", StringComparison.Ordinal)
            ? TestRules.Query($$"""[{{rule}}, { "Name": "rest", "Action": "forward", "To": "default" }]""", blocking)
            : TestRules.Query($"[{rule}]", blocking);

    private static void AssertSoa(AskedRecord record, string owner, uint ttl)
    {
        Assert.Equal((owner, RecordType.SOA, ttl), (record.Owner, record.Type, record.Ttl));
        Assert.Equal($"localhost. nobody.invalid. 1 3600 1200 604800 {ttl}", RdataText.ToText(RecordType.SOA, RecordClass.IN, record.Data));
    }

    private static ExtendedErrorCode ExtendedError(Asked asked)
    {
        var opt = asked.Records().Find(static record => record.Type == RecordType.OPT)!.Data;
        return opt is [0, 15, 0, 2, var high, var low] ? (ExtendedErrorCode)(high << 8 | low) : ExtendedErrorCode.None;
    }
}
