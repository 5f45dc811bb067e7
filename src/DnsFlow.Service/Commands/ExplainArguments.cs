using System.Globalization;
using System.Net;
using DnsFlow.Flows;
using DnsFlow.Protocol;
using DnsFlow.Server.Explaining;

namespace DnsFlow.Service.Commands;

/// <summary>The words of an <c>explain</c>, from the command line or from the query string of a request.</summary>
internal sealed record ExplainArguments
{
    /// <summary>The name.</summary>
    public string? Name { get; init; }

    /// <summary>The type; A unless given.</summary>
    public string? Type { get; init; }

    /// <summary>The client's address; 127.0.0.1 unless given.</summary>
    public string? Client { get; init; }

    /// <summary>The listener; the first unless given.</summary>
    public string? Listener { get; init; }

    /// <summary>The transport; udp unless given.</summary>
    public string? Transport { get; init; }

    /// <summary>The time, <c>20:15</c> or <c>2026-11-25T20:15</c>; now unless given.</summary>
    public string? At { get; init; }

    /// <summary>Reads the words; false with the first that is wrong.</summary>
    public bool TryRead(TimeProvider time, IReadOnlyList<string> listeners, out ExplainQuestion question, out string error)
    {
        (question, error) = (new ExplainQuestion { Name = DomainName.Root }, "");
        var type = RecordType.A;
        var client = IPAddress.Loopback;
        var transport = FlowTransport.Udp;
        DateTimeOffset? at = null;
        if (string.IsNullOrEmpty(Name) || !DomainName.TryParse(Name, out var name))
        {
            error = string.IsNullOrEmpty(Name) ? "a name is missing" : $"'{Name}' is not a name";
        }
        else if (Type is not null && !RecordTypes.TryParse(Type, out type))
        {
            error = $"'{Type}' is not a record type";
        }
        else if (Client is not null && !IPAddress.TryParse(Client, out client!))
        {
            error = $"'{Client}' is not an IP address";
        }
        else if (Listener is not null && !listeners.Contains(Listener, StringComparer.OrdinalIgnoreCase))
        {
            error = $"'{Listener}' is not a listener; there are {string.Join(", ", listeners)}";
        }
        else if (Transport is not null && (!Enum.TryParse(Transport, ignoreCase: true, out transport) || !Enum.IsDefined(transport) || char.IsAsciiDigit(Transport[0])))
        {
            error = $"'{Transport}' is not a transport; there are {string.Join(", ", Enum.GetNames<FlowTransport>()).ToLowerInvariant()}";
        }
        else if (At is not null && !TryReadTime(time, At, out at))
        {
            error = $"'{At}' is not a time; allowed: 20:15, 2026-11-25T20:15, 2026-11-25T20:15:00Z";
        }
        else
        {
            question = new ExplainQuestion { Name = name, Type = type, Client = client, Listener = Listener, Transport = transport, At = at };
        }

        return error.Length == 0;
    }

    private static bool TryReadTime(TimeProvider time, string text, out DateTimeOffset? at)
    {
        at = null;
        if (TimeSpan.TryParseExact(text, ["h\\:mm", "hh\\:mm"], CultureInfo.InvariantCulture, out var timeOfDay))
        {
            var today = time.GetLocalNow().Date + timeOfDay;
            at = new DateTimeOffset(today, time.LocalTimeZone.GetUtcOffset(today));
        }
        else if (DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var date))
        {
            at = date.Kind == DateTimeKind.Unspecified ? new DateTimeOffset(date, time.LocalTimeZone.GetUtcOffset(date)) : new DateTimeOffset(date);
        }

        return at is not null;
    }
}
