using System.Buffers.Binary;

namespace DnsFlow.Protocol;

/// <summary>
/// Writes a response into a size. RRsets stay whole, signatures with what they sign; TC is set when one of the answer or authority section had
/// to go, while additional records go silently (RFC 2181 section 9). The OPT record is always there.
/// </summary>
public static class ResponseTruncator
{
    /// <summary>
    /// Writes as much of <paramref name="response"/> as fits into <paramref name="destination"/>; its length is the limit. False when not even
    /// header, question and OPT record fit, or the response cannot be said at all (see <see cref="DnsMessageWriter.TryWrite"/>).
    /// </summary>
    public static bool TryWrite(DnsMessage response, Span<byte> destination, out int length)
    {
        if (DnsMessageWriter.TryWrite(response, destination, out length))
        {
            return true;
        }

        if (!DnsMessageWriter.TryGetHeader(response, out var header))
        {
            return false;
        }

        var opt = response.Edns is { } edns ? DnsResponses.OptSize + edns.Options.Sum(option => 4 + option.Data.Length) : 0;
        var limit = Math.Min(destination.Length, DnsMessageReader.MaxLength);
        if (opt > limit)
        {
            return false;
        }

        Span<uint> table = stackalloc uint[CompressingWriter.TableSize];
        table.Clear();
        var writer = new CompressingWriter(destination[..(limit - opt)], table);
        if (!DnsMessageWriter.TryWriteQuestions(response, header, ref writer))
        {
            return false;
        }

        var counts = WriteSections(response, ref writer);
        length = Finish(response, header, counts, destination, writer.Position);
        return true;
    }

    private static (int Answer, int Authority, int Additional) WriteSections(DnsMessage response, ref CompressingWriter writer)
    {
        var answer = WriteSection(response.Answer, ref writer);
        if (answer < response.Answer.Count)
        {
            return (answer, 0, 0);
        }

        var authority = WriteSection(response.Authority, ref writer);
        return authority < response.Authority.Count
            ? (answer, authority, 0)
            : (answer, authority, WriteSection(response.Additional, ref writer));
    }

    private static int Finish(DnsMessage response, in DnsHeader header, (int Answer, int Authority, int Additional) counts, Span<byte> destination, int length)
    {
        if (response.Edns is { } edns)
        {
            var opt = new CompressingWriter(destination[length..], default);
            opt.TryWrite(edns, response.ResponseCode);      // its room was kept free
            length += opt.Position;
        }

        var isCut = counts.Answer < response.Answer.Count || counts.Authority < response.Authority.Count;
        var cut = header with
        {
            Flags = (ushort)(header.Flags | (isCut ? DnsHeader.TruncatedBit : 0)),
            AnswerCount = (ushort)counts.Answer,
            AuthorityCount = (ushort)counts.Authority,
            AdditionalCount = (ushort)(counts.Additional + (response.Edns is null ? 0 : 1)),
        };
        cut.Write(destination);
        return length;
    }

    /// <summary>Writes the records that fit, less those whose RRset does not fit whole; returns how many.</summary>
    private static int WriteSection(IReadOnlyList<ResourceRecord> records, ref CompressingWriter writer)
    {
        var starts = new List<int>();
        foreach (var record in records)
        {
            starts.Add(writer.Position);
            if (!writer.TryWrite(record))
            {
                var kept = WholeSets(records, starts.Count - 1);
                writer.Rewind(starts[kept]);
                return kept;
            }
        }

        return records.Count;
    }

    /// <summary>The greatest count up to <paramref name="count"/> at which no RRset is torn.</summary>
    private static int WholeSets(IReadOnlyList<ResourceRecord> records, int count)
    {
        var lost = new HashSet<(DomainName, RecordType, RecordClass)>();
        for (var i = records.Count - 1; i >= count; i--)
        {
            lost.Add(Key(records[i]));
        }

        for (var i = count - 1; i >= 0; i--)
        {
            if (lost.Contains(Key(records[i])))
            {
                for (; count > i; count--)
                {
                    lost.Add(Key(records[count - 1]));
                }
            }
        }

        return count;
    }

    private static (DomainName Name, RecordType Type, RecordClass Class) Key(ResourceRecord record)
    {
        var type = record.Type == RecordType.RRSIG && record.Rdata.Length >= 2
            ? (RecordType)BinaryPrimitives.ReadUInt16BigEndian(record.Rdata.Span)
            : record.Type;
        return (record.Name, type, record.Class);
    }
}
