using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace DnsFlow.Protocol.Rdata;

/// <summary>A cursor over RDATA in a message; what was checked can be copied, uncompressed, to an output.</summary>
internal ref struct RdataReader
{
    private readonly ReadOnlySpan<byte> _message;
    private readonly Span<byte> _output;
    private readonly bool _inMessage;
    private readonly int _end;

    /// <summary>Reads the <paramref name="length"/> octets at <paramref name="offset"/>, which lie inside the message.</summary>
    public RdataReader(ReadOnlySpan<byte> message, int offset, int length, Span<byte> output)
        : this(message, offset, length, output, inMessage: true)
    {
    }

    private RdataReader(ReadOnlySpan<byte> message, int offset, int length, Span<byte> output, bool inMessage)
    {
        _message = message[..(offset + length)];
        _output = output;
        _inMessage = inMessage;
        _end = offset + length;
        Position = offset;
    }

    /// <summary>The cursor.</summary>
    public int Position { get; private set; }

    /// <summary>How many octets were copied to the output.</summary>
    public int Written { get; private set; }

    /// <summary>The octets not yet taken.</summary>
    public readonly ReadOnlySpan<byte> Rest => _message[Position.._end];

    /// <summary>What compressed names have cost: a step for each label and each pointer.</summary>
    public int NameSteps { get; private set; }

    /// <summary>Whether all octets were taken.</summary>
    public readonly bool IsAtEnd => Position == _end;

    /// <summary>Reads uncompressed RDATA that stands alone, without an output: compression pointers are malformed there.</summary>
    public static RdataReader ForRdata(ReadOnlySpan<byte> rdata) => new(rdata, 0, rdata.Length, default, inMessage: false);

    /// <summary>Takes <paramref name="count"/> octets and copies them; false when there are fewer.</summary>
    public bool TryTake(int count, out ReadOnlySpan<byte> octets)
    {
        if (count > _end - Position)
        {
            octets = default;
            return false;
        }

        octets = _message.Slice(Position, count);
        Position += count;
        return TryEmit(octets);
    }

    /// <summary>Takes one octet and as many as it says.</summary>
    public bool TryTakeCounted(out ReadOnlySpan<byte> octets)
    {
        octets = default;
        return TryTake(1, out var count) && TryTake(count[0], out octets);
    }

    /// <summary>Takes a 16-bit number.</summary>
    public bool TryTakeUInt16(out ushort number)
    {
        var taken = TryTake(2, out var octets);
        number = taken ? BinaryPrimitives.ReadUInt16BigEndian(octets) : (ushort)0;
        return taken;
    }

    /// <summary>Takes a 32-bit number.</summary>
    public bool TryTakeUInt32(out uint number)
    {
        var taken = TryTake(4, out var octets);
        number = taken ? BinaryPrimitives.ReadUInt32BigEndian(octets) : 0;
        return taken;
    }

    /// <summary>Takes an uncompressed name.</summary>
    public bool TryTakeName([NotNullWhen(true)] out DomainName? name)
    {
        Span<byte> wire = stackalloc byte[WireName.MaxLength];
        var length = TakeName(wire, pointersAllowed: false);
        name = length > 0 ? DomainName.FromChecked(wire[..length]) : null;
        return name is not null;
    }

    /// <summary>Takes a name into <paramref name="name"/> (255 octets) and returns its length, or -1; a pointer only where the type allows it.</summary>
    public int TakeName(scoped Span<byte> name, bool pointersAllowed)
    {
        int length;
        int next;
        if (pointersAllowed && _inMessage)
        {
            length = WireName.Expand(_message, Position, name, out next, out var steps);
            NameSteps += steps;
        }
        else
        {
            length = WireName.Measure(_message, Position);
            next = Position + length;
            if (length > 0)
            {
                _message.Slice(Position, length).CopyTo(name);
            }
        }

        if (length < 0)
        {
            return -1;
        }

        Position = next;
        return TryEmit(name[..length]) ? length : -1;
    }

    private bool TryEmit(scoped ReadOnlySpan<byte> octets)
    {
        if (_output.IsEmpty)
        {
            return true;
        }

        if (!octets.TryCopyTo(_output[Written..]))
        {
            return false;
        }

        Written += octets.Length;
        return true;
    }
}
