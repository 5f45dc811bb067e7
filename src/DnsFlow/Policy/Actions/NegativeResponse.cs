using System.Buffers.Binary;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;

namespace DnsFlow.Policy.Actions;

/// <summary>
/// Writes negative responses made here: NXDOMAIN or NODATA with a SOA record, so that clients can keep them (RFC 2308 section 3). The SOA belongs to the
/// parent of the asked name: that is at or above it for every type, DS included. Immutable; allocates nothing.
/// </summary>
internal sealed class NegativeResponse
{
    private const int FixedRecordSize = 10;

    // TYPE, CLASS, TTL, RDLENGTH and RDATA; the owner goes before it.
    private readonly byte[] _soa;

    /// <summary>Makes one whose SOA has this TTL and MINIMUM, in whole seconds.</summary>
    public NegativeResponse(TimeSpan ttl)
    {
        ReadOnlySpan<byte> names = "\tlocalhost\0\u0006nobody\u0007invalid\0"u8;
        var seconds = (uint)ttl.TotalSeconds;
        _soa = new byte[FixedRecordSize + names.Length + 20];
        var soa = _soa.AsSpan();
        BinaryPrimitives.WriteUInt16BigEndian(soa, (ushort)RecordType.SOA);
        BinaryPrimitives.WriteUInt16BigEndian(soa[2..], (ushort)RecordClass.IN);
        BinaryPrimitives.WriteUInt32BigEndian(soa[4..], seconds);
        BinaryPrimitives.WriteUInt16BigEndian(soa[8..], (ushort)(names.Length + 20));
        names.CopyTo(soa[FixedRecordSize..]);
        var numbers = soa[(FixedRecordSize + names.Length)..];
        ReadOnlySpan<uint> values = [1, 3_600, 1_200, 604_800, seconds];     // SERIAL, REFRESH, RETRY, EXPIRE, MINIMUM
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(numbers[(4 * i)..], values[i]);
        }
    }

    /// <summary>Writes the response; <paramref name="code"/> is NXDOMAIN, or NOERROR for NODATA.</summary>
    public StepResult Write(ref QueryContext context, ResponseCode code, QueryOutcome outcome, ExtendedErrorCode error, bool authoritative = false)
    {
        ref readonly var view = ref context.Query;
        var response = context.Response;
        var flags = DnsResponses.ResponseFlags(view.Header.Flags, code) | (authoritative ? DnsHeader.AuthoritativeBit : 0);
        new DnsHeader(view.Header.Id, (ushort)flags, 1, 0, 1, 0).Write(response);
        view.Question(context.Message).CopyTo(response[DnsHeader.Size..]);
        var position = WriteParent(context.Message, response, view.QuestionEnd);
        _soa.CopyTo(response[position..]);
        BinaryPrimitives.WriteUInt16BigEndian(response[(position + 2)..], (ushort)(view.Class == RecordClass.ANY ? RecordClass.IN : view.Class));
        context.Decision = context.Decision with { Error = error };
        context.ResponseLength = DnsResponses.AppendOpt(view, code, response, position + _soa.Length, error);
        return context.Answered(code, outcome);
    }

    private static int WriteParent(ReadOnlySpan<byte> query, Span<byte> response, int position)
    {
        var parent = DnsHeader.Size + 1 + query[DnsHeader.Size];
        if (query[DnsHeader.Size] == 0 || query[parent] == 0)
        {
            response[position] = 0;
            return position + 1;
        }

        BinaryPrimitives.WriteUInt16BigEndian(response[position..], (ushort)(0xC000 | parent));
        return position + 2;
    }
}
