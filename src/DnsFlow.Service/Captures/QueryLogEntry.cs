using System.Diagnostics.CodeAnalysis;
using System.Net;
using DnsFlow.Flows;
using DnsFlow.Protocol;

namespace DnsFlow.Service.Captures;

/// <summary>One line of a query log: a question and who asked it.</summary>
internal sealed class QueryLogEntry
{
    /// <summary>When, in UTC (RFC 3339).</summary>
    public DateTimeOffset? Time { get; set; }

    /// <summary>The client, an address or address:port; the address may be shortened by privacy settings.</summary>
    public string? Client { get; set; }

    /// <summary>The name of the listener it came to.</summary>
    public string? Listener { get; set; }

    /// <summary>What carried it: udp or tcp; udp when missing.</summary>
    public string? Transport { get; set; }

    /// <summary>QNAME in presentation form.</summary>
    public string? Name { get; set; }

    /// <summary>QTYPE; A when missing.</summary>
    public string? Type { get; set; }

    /// <summary>QCLASS; IN when missing.</summary>
    public string? Class { get; set; }

    /// <summary>What became of it.</summary>
    public string? Result { get; set; }

    /// <summary>At which bound it was turned away.</summary>
    public string? Reason { get; set; }

    /// <summary>Whether it was turned away after a decision, which has a line of its own.</summary>
    public bool IsTold => Result == "shed" && Reason != "clientRate";

    /// <summary>Makes the query again; false with the reason when a field is wrong.</summary>
    public bool TryRead(
        [NotNullWhen(true)] out DnsMessage? query, out FlowEndpoint source, out FlowEndpoint destination, out FlowTransport transport,
        [NotNullWhen(false)] out string? error)
    {
        query = null;
        source = destination = default;
        transport = FlowTransport.Udp;
        if (Name is null || !DomainName.TryParse(Name, DomainName.Root, out var name, out error))
        {
            error = Name is null ? "'name' is missing" : $"name '{Name}' is not a domain name";
            return false;
        }

        var type = RecordType.A;
        if (Type is not null && !RecordTypes.TryParse(Type, out type))
        {
            error = $"type '{Type}' is not a record type";
            return false;
        }

        var @class = RecordClass.IN;
        if (Class is not null && !RecordClasses.TryParse(Class, out @class))
        {
            error = $"class '{Class}' is not a class";
            return false;
        }

        if (Client is null || !IPEndPoint.TryParse(Client, out var client))
        {
            error = Client is null ? "'client' is missing" : $"client '{Client}' is not an address";
            return false;
        }

        if (Transport is not null && !Enum.TryParse(Transport, ignoreCase: true, out transport))
        {
            error = $"transport '{Transport}' is none of {string.Join(", ", Enum.GetNames<FlowTransport>()).ToLowerInvariant()}";
            return false;
        }

        source = FlowEndpoint.From(client);
        query = new DnsMessage { RecursionDesired = true, Questions = [new Question(name, type, @class)] };
        error = null;
        return true;
    }
}
