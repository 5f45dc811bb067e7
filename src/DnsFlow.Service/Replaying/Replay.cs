using DnsFlow.Flows;
using DnsFlow.Protocol;
using DnsFlow.Server;
using DnsFlow.Service.Captures;

namespace DnsFlow.Service.Replaying;

/// <summary>
/// Puts each query of a capture to two configurations and counts the decisions that differ, grouped by what and by which rules. What is kept is bounded, however long
/// the capture is.
/// </summary>
internal sealed class Replay(ReplaySide before, ReplaySide after, DateTimeOffset undated, CaptureReport report) : ICaptureSink
{
    /// <summary>Groups that are kept apart.</summary>
    public const int MaxGroups = 1_000;

    private readonly Dictionary<(PolicyDecision Before, PolicyDecision After), ReplayGroup> _groups = [];
    private long _queries;
    private long _differ;
    private long _others;

    /// <inheritdoc/>
    public void Take(in CapturedMessage message)
    {
        var status = QueryView.TryParse(message.Octets, out var view);
        if (status is QueryStatus.NotAQuery or QueryStatus.TooShort)
        {
            report.Skip(status == QueryStatus.TooShort ? "shorter than a header" : "a response");
            return;
        }

        _queries++;
        var flow = new FlowKey(message.Transport, message.Source, message.Destination);
        var at = message.Time ?? undated;
        before.Decide(message.Octets, flow, message.Listener, at);
        after.Decide(message.Octets, flow, message.Listener, at);
        if (!before.HasSameEffect(after))
        {
            _differ++;
            Count(message, view);
        }
    }

    /// <summary>What came of it.</summary>
    public ReplayResult Result() => new()
    {
        Queries = _queries,
        Unchanged = _queries - _differ,
        Differ = _differ,
        Groups = [.. _groups.Values.OrderByDescending(group => group.Count)],
        Others = _others,
        Skipped = report.Skipped,
        Problem = report.Problem,
    };

    private void Count(in CapturedMessage message, in QueryView view)
    {
        var key = (before.Decision, after.Decision);
        if (!_groups.TryGetValue(key, out var group))
        {
            if (_groups.Count == MaxGroups)
            {
                _others++;
                return;
            }

            var name = view.NameLength > 0 && DomainName.TryFromWire(view.Name(message.Octets), out var asked) ? asked.ToString() : "(no question)";
            group = new ReplayGroup
            {
                From = before.Describe(before.Decision),
                To = after.Describe(after.Decision),
                Example = new ReplayExample(name, view.Type.ToText(), message.Source.ToAddress().ToString(), message.Time),
            };
            _groups.Add(key, group);
        }

        group.Count++;
    }
}
