using DnsFlow.Flows;
using DnsFlow.Protocol;

namespace DnsFlow.Zones.Transfer;

/// <summary>
/// One exchange with one primary: asks for the SOA, and when it is newer for what changed (RFC 1995), or for the whole zone (RFC 5936) when there is nothing
/// to begin with or the primary has no increments.
/// </summary>
internal sealed class ZoneTransfer(SecondarySettings settings, FlowEndpoint primary, TimeProvider time)
{
    /// <summary>Whether what was transferred was only what changed.</summary>
    public bool IsIncremental { get; private set; }

    /// <summary>
    /// Brings a version up to date; null when it is. <paramref name="current"/> gives the records we have, null when they cannot be had.
    /// Throws <see cref="TransferException"/>.
    /// </summary>
    public async Task<IReadOnlyList<ZoneRecord>?> RunAsync(uint? serial, Func<IReadOnlyList<ZoneRecord>?> current, CancellationToken cancellationToken)
    {
        using var connection = await PrimaryConnection.ConnectAsync(settings, primary, time, cancellationToken).ConfigureAwait(false);
        var soa = await AskSoaAsync(connection, cancellationToken).ConfigureAwait(false);
        if (serial is { } ours && !SerialNumber.IsNewer(ZoneTimers.Of(soa.Data).Serial, ours))
        {
            return null;
        }

        if (serial is not null && current() is { Count: > 0 } records)
        {
            try
            {
                await connection.SendAsync(RecordType.IXFR, ToRecord(records[0]), cancellationToken).ConfigureAwait(false);
                return await ReceiveAsync(connection, records, cancellationToken).ConfigureAwait(false);
            }
            catch (TransferException exception) when (exception.IsOfIncrement)
            {
                return await RunWholeAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        await connection.SendAsync(RecordType.AXFR, null, cancellationToken).ConfigureAwait(false);
        return await ReceiveAsync(connection, null, cancellationToken).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<ZoneRecord>> RunWholeAsync(CancellationToken cancellationToken)
    {
        using var connection = await PrimaryConnection.ConnectAsync(settings, primary, time, cancellationToken).ConfigureAwait(false);
        await connection.SendAsync(RecordType.AXFR, null, cancellationToken).ConfigureAwait(false);
        return await ReceiveAsync(connection, null, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ZoneRecord> AskSoaAsync(PrimaryConnection connection, CancellationToken cancellationToken)
    {
        await connection.SendAsync(RecordType.SOA, null, cancellationToken).ConfigureAwait(false);
        var message = await connection.ReadAsync(cancellationToken).ConfigureAwait(false);
        connection.CheckEnd();
        if (message.ResponseCode != ResponseCode.NoError || !message.IsAuthoritative)
        {
            throw new TransferException($"the primary answers {message.ResponseCode.ToText()}{(message.IsAuthoritative ? "" : " without authority")} to the question for the SOA");
        }

        return message.Answer.Select(ToZoneRecord).OfType<ZoneRecord>().FirstOrDefault(IsSoa) is { Data: not null } soa
            ? soa
            : throw new TransferException("the primary has no SOA for the zone");
    }

    private async Task<IReadOnlyList<ZoneRecord>> ReceiveAsync(PrimaryConnection connection, IReadOnlyList<ZoneRecord>? current, CancellationToken cancellationToken)
    {
        var sink = new TransferSink(settings, current);
        while (!sink.IsComplete)
        {
            var message = await connection.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (message.ResponseCode != ResponseCode.NoError)
            {
                throw new TransferException($"the primary answers {message.ResponseCode.ToText()}", isOfIncrement: current is not null);
            }

            if (message.Answer.Count == 0)
            {
                throw new TransferException("a message of the transfer has no records", isOfIncrement: current is not null);
            }

            foreach (var record in message.Answer)
            {
                if (ToZoneRecord(record) is { } read)
                {
                    sink.Add(read);
                }
            }
        }

        connection.CheckEnd();
        IsIncremental = sink.IsIncremental;
        return sink.Result;
    }

    private bool IsSoa(ZoneRecord record) => record.Type == RecordType.SOA && record.Data.Length >= 22 && record.Owner.AsSpan().SequenceEqual(settings.Apex);

    private static ResourceRecord ToRecord(in ZoneRecord record) => new(DomainName.FromChecked(record.Owner), record.Type, RecordClass.IN, record.Ttl, record.Data);

    /// <summary>Null for what is no data of class IN.</summary>
    private static ZoneRecord? ToZoneRecord(ResourceRecord record)
    {
        if (record.Class != RecordClass.IN || record.Type.IsMeta() || !RdataText.IsWellFormed(record.Type, record.Class, record.Rdata.Span))
        {
            return null;
        }

        var owner = new byte[record.Name.Length];
        WireName.ToLower(record.Name.Wire, owner);
        return new ZoneRecord(owner, record.Type, Math.Min(record.TimeToLive, ZoneFileWords.MaxTtl), record.Rdata.ToArray(), "", 0);
    }
}
