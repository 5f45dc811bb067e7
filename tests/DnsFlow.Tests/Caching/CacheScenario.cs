using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using DnsFlow.Caching;
using DnsFlow.Protocol;
using DnsFlow.Settings;
using DnsFlow.TestKit;
using DnsFlow.Tests.Settings;
using DnsFlow.Upstreams;

namespace DnsFlow.Tests.Caching;

/// <summary>What happens to one shard with a cache, told in lines: <c>upstream</c>, <c>elapse</c>, <c>ask</c>; docs/caching.md explains them.</summary>
internal sealed partial class CacheScenario : IDisposable
{
    private readonly CacheOptions _options;
    private ShardHarness _harness;
    private readonly Dictionary<string, string> _answers = [];
    private int _asked;
    private ushort _id;

    public CacheScenario(CacheOptions options)
    {
        _options = options;
        _harness = Connect(new ShardHarness(cache: options));
    }

    private ShardHarness Connect(ShardHarness harness)
    {
        foreach (var server in harness.Servers)
        {
            harness.Network.Upstream(server.Endpoint).OnQuery = exchange =>
            {
                _asked++;
                if (Answer(exchange.Query) is { } answer)
                {
                    exchange.Answer(answer);
                }
            };
        }

        harness.Exchange.OnAsk = (server, _, query, cancellation) =>
        {
            var end = new TaskCompletionSource<UpstreamResult>(TaskCreationOptions.RunContinuationsAsynchronously);
            cancellation.UnsafeRegister(_ => end.TrySetResult(new UpstreamResult(null, UpstreamError.Abandoned, server)), null);
            if (Answer(query) is { } answer)
            {
                end.TrySetResult(new UpstreamResult(answer, ReplyMatcher.IsBad(answer) ? UpstreamError.BadResponse : UpstreamError.None, server));
            }

            return end.Task;
        };
        return harness;
    }

    public ShardHarness Harness => _harness;

    public static CacheScenario Of(string cache)
    {
        var options = new CacheOptions { MaxBytes = 1 << 20 };
        var errors = SettingsText.Read(CacheSettings.Shape, options, $$"""{ "DnsFlow": {{cache}} }""");
        Assert.Empty(errors);
        return new CacheScenario(options);
    }

    /// <summary>Does what a line says and compares.</summary>
    public async Task RunAsync(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        switch (words[0])
        {
            case "upstream":
                _answers[$"{words[1]} {words[2]}"] = string.Join(' ', words[4..]);
                break;
            case "elapse":
                _harness.Elapse(Duration(words[1]));
                break;
            case "restart":
                Restart(Duration(words[1]));
                break;
            case "ask":
                Assert.Equal(string.Join(' ', words[4..]), await AskAsync(words[1], words[2], After(words)));
                break;
            default:
                Assert.Fail($"not a line of a scenario: {line}");
                break;
        }
    }

    public void Dispose() => _harness.Dispose();

    /// <summary>The proxy stops, is down for a while, and starts again with the cache it left.</summary>
    private void Restart(TimeSpan down)
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        CacheFile.Save(path, _harness.Cache, new Dictionary<uint, string> { [1] = "default" }, _harness.Clock);
        var time = _harness.Time;
        _harness.Dispose();
        time.Advance(down);
        _harness = Connect(new ShardHarness(cache: _options, time: time));
        Assert.NotNull(CacheFile.Load(path, _harness.Cache, new Dictionary<string, uint> { ["default"] = 1 }, _harness.Clock, 1 << 20, out _));
        File.Delete(path);
    }

    private static TimeSpan Duration(string text)
    {
        Assert.True(QuantityText.TryParseDuration(text, out var value), text);
        return value;
    }

    private static TimeSpan? After(string[] words)
        => words.FirstOrDefault(static word => word.StartsWith("after=", StringComparison.Ordinal)) is { } word ? Duration(word["after=".Length..]) : null;

    private async Task<string> AskAsync(string name, string type, TimeSpan? after)
    {
        var asked = _asked;
        Assert.True(RecordTypes.TryParse(type, out var recordType), type);
        _harness.Send(Wire.Query(name, recordType, id: ++_id, udpSize: 1232), client: _id);
        if (after is { } time)
        {
            _harness.Elapse(time - TimeSpan.FromMilliseconds(10));
            Assert.Null(_harness.Response(_id));
            _harness.Elapse(TimeSpan.FromMilliseconds(10));
        }

        byte[]? response = null;
        await TestWait.Until(() =>
        {
            _harness.Run();
            return (response = _harness.Response(_id)) is not null;
        });
        Assert.True(DnsMessageReader.TryRead(response!, out var message));
        return Describe(message) + (_asked > asked ? " asked" : "") + (after is null ? "" : $" after={QuantityText.Format(after.Value)}");
    }

    private static string Describe(DnsMessage message)
    {
        var text = new StringBuilder();
        if (message.Answer.Count > 0)
        {
            text.Append(message.Answer[0].ToString().Split(' ', '\t')[^1]).Append(CultureInfo.InvariantCulture, $" ttl={message.Answer[0].TimeToLive}");
        }
        else
        {
            text.Append(message.ResponseCode == ResponseCode.NoError ? "NODATA" : message.ResponseCode.ToText());
        }

        if (message.Edns?.Find(EdnsOptionCode.ExtendedError) is { } option && ExtendedError.TryRead(option, out var error) && message.ResponseCode != ResponseCode.ServFail)
        {
            text.Append(CultureInfo.InvariantCulture, $" ede={(int)error.Code}");
        }

        return text.ToString();
    }

    private byte[]? Answer(ReadOnlyMemory<byte> query)
    {
        Assert.True(DnsMessageReader.TryRead(query.Span, out var message));
        var question = message.Questions[0];
        var line = AnswerLine().Match(_answers.GetValueOrDefault($"{question.Name.ToString().TrimEnd('.')} {question.Type.ToText()}", "NODATA"));
        var what = line.Groups["what"].Value;
        var ttl = line.Groups["ttl"].Success ? uint.Parse(line.Groups["ttl"].Value, CultureInfo.InvariantCulture) : 60;
        var code = ResponseCodes.TryParse(what, out var parsed) ? parsed : ResponseCode.NoError;
        var isError = code is not (ResponseCode.NoError or ResponseCode.NXDomain);
        return what == "silence" ? null : DnsMessageWriter.ToArray(new DnsMessage
        {
            Id = message.Id,
            Flags = DnsResponses.ResponseFlags(DnsHeader.RecursionDesiredBit, code),
            Questions = [question],
            Answer = what.Contains('.', StringComparison.Ordinal) ? [ResourceRecord.Create(question.Name.ToString(), ttl, question.Type, what)] : [],
            Authority = what.Contains('.', StringComparison.Ordinal) || isError ? []
                : [ResourceRecord.Create("example", ttl, RecordType.SOA, $"ns.example. host.example. 1 3600 600 86400 {ttl}")],
        });
    }

    [GeneratedRegex(@"^(?<what>\S+)( ttl=(?<ttl>\d+))?$")]
    private static partial Regex AnswerLine();
}
