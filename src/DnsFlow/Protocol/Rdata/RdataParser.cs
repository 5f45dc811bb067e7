using System.Buffers.Binary;

namespace DnsFlow.Protocol.Rdata;

/// <summary>A cursor over the words of RDATA in presentation form, and the wire form made so far.</summary>
internal ref struct RdataParser(ReadOnlySpan<PresentationToken> tokens, DomainName origin)
{
    private readonly ReadOnlySpan<PresentationToken> _tokens = tokens;
    private int _index;

    /// <summary>Completes relative names.</summary>
    public DomainName Origin { get; } = origin;

    /// <summary>The wire form made so far.</summary>
    public List<byte> Output { get; } = [];

    /// <summary>What is wrong.</summary>
    public string? Error { get; private set; }

    /// <summary>Whether all words were taken.</summary>
    public readonly bool IsAtEnd => _index == _tokens.Length;

    /// <summary>The next word, which must exist.</summary>
    public readonly PresentationToken Peek() => _tokens[_index];

    /// <summary>Takes a word, quoted or not; otherwise says that <paramref name="expected"/> is missing.</summary>
    public bool TryTake(string expected, out PresentationToken token)
    {
        if (IsAtEnd)
        {
            token = default;
            return Fail($"{expected} is missing");
        }

        token = _tokens[_index++];
        return true;
    }

    /// <summary>Takes a word that must not be quoted.</summary>
    public bool TryTakeBare(string expected, out ReadOnlySpan<char> word)
    {
        var taken = TryTake(expected, out var token);
        word = token.Span;
        return taken && (!token.IsQuoted || Fail(expected, word));
    }

    /// <summary>Takes all words left, as one without white space; long blobs are written in pieces.</summary>
    public bool TryTakeRest(out string joined)
    {
        var text = new System.Text.StringBuilder();
        while (!IsAtEnd)
        {
            text.Append(_tokens[_index++].Span);
        }

        joined = text.ToString();
        return true;
    }

    /// <summary>Appends a 16-bit number.</summary>
    public readonly void WriteUInt16(ushort number)
    {
        Output.Add((byte)(number >> 8));
        Output.Add((byte)number);
    }

    /// <summary>Appends a 32-bit number.</summary>
    public readonly void WriteUInt32(uint number)
    {
        Span<byte> octets = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(octets, number);
        Output.AddRange(octets);
    }

    /// <summary>Remembers what is wrong; always false.</summary>
    public bool Fail(string error)
    {
        Error ??= error;
        return false;
    }

    /// <summary>Remembers that something else stood where <paramref name="expected"/> is expected; always false.</summary>
    public bool Fail(string expected, scoped ReadOnlySpan<char> found) =>
        Fail(found.Length > 64 ? $"{expected} is expected, not \"{found[..64]}...\"" : $"{expected} is expected, not \"{found}\"");
}
