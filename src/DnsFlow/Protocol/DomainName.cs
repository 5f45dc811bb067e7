using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace DnsFlow.Protocol;

/// <summary>
/// An absolute domain name: immutable, kept in wire form and in its own letter case, compared without regard to the case of ASCII letters
/// (RFC 1035 section 3.1, RFC 4343). At most 255 octets and 127 labels of at most 63 octets.
/// </summary>
public sealed class DomainName : IEquatable<DomainName>, IComparable<DomainName>
{
    private static readonly ulong s_seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));

    private readonly byte[] _wire;

    private DomainName(byte[] wire) => _wire = wire;

    /// <summary>The root.</summary>
    public static DomainName Root { get; } = new([0]);

    /// <summary>The wire form, uncompressed, with the root octet at its end; 1 to 255 octets.</summary>
    public ReadOnlySpan<byte> Wire => _wire;

    /// <summary>The wire form's length in octets, 1 to 255.</summary>
    public int Length => _wire.Length;

    /// <summary>Whether this is the root.</summary>
    public bool IsRoot => _wire.Length == 1;

    /// <summary>Whether the leftmost label is a lone asterisk (RFC 4592).</summary>
    public bool IsWildcard => _wire is [1, (byte)'*', ..];

    /// <summary>The number of labels; the root's empty label is not counted.</summary>
    public int LabelCount => WireName.CountLabels(_wire);

    /// <summary>The leftmost label's octets; empty at the root.</summary>
    public ReadOnlySpan<byte> FirstLabel => _wire.AsSpan(1, _wire[0]);

    /// <summary>The name without its leftmost label; null at the root.</summary>
    public DomainName? Parent => IsRoot ? null : new DomainName(_wire[(_wire[0] + 1)..]);

    /// <summary>Whether two names are the same but for letter case.</summary>
    public static bool operator ==(DomainName? left, DomainName? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Whether two names differ by more than letter case.</summary>
    public static bool operator !=(DomainName? left, DomainName? right) => !(left == right);

    /// <summary>Whether <paramref name="left"/> sorts before <paramref name="right"/> in canonical order.</summary>
    public static bool operator <(DomainName left, DomainName right) => Compare(left, right) < 0;

    /// <summary>Whether <paramref name="left"/> sorts before <paramref name="right"/> in canonical order or is the same.</summary>
    public static bool operator <=(DomainName left, DomainName right) => Compare(left, right) <= 0;

    /// <summary>Whether <paramref name="left"/> sorts behind <paramref name="right"/> in canonical order.</summary>
    public static bool operator >(DomainName left, DomainName right) => Compare(left, right) > 0;

    /// <summary>Whether <paramref name="left"/> sorts behind <paramref name="right"/> in canonical order or is the same.</summary>
    public static bool operator >=(DomainName left, DomainName right) => Compare(left, right) >= 0;

    /// <summary>
    /// Reads the presentation form (RFC 1035 section 5.1: <c>\X</c>, <c>\DDD</c>; a lone <c>@</c> is the origin). A name without a dot at its
    /// end is completed with <paramref name="origin"/>. False, and the reason in <paramref name="error"/>, for anything malformed: an empty or
    /// too long label, more than 255 octets, a bad escape, a character outside ASCII (internationalized names are written as A-labels).
    /// </summary>
    public static bool TryParse(
        ReadOnlySpan<char> text, DomainName origin,
        [NotNullWhen(true)] out DomainName? name, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(origin);
        Span<byte> wire = stackalloc byte[WireName.MaxLength];
        error = NameText.Parse(text, origin.Wire, wire, out var length);
        name = error is null ? new DomainName(wire[..length].ToArray()) : null;
        return error is null;
    }

    /// <summary>Reads the presentation form; a name without a dot at its end is taken as absolute.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out DomainName? name) => TryParse(text, Root, out name, out _);

    /// <summary>Reads the presentation form of a name known to be right, as in code; <see cref="FormatException"/> when it is not.</summary>
    public static DomainName Parse(string text) =>
        TryParse(text, Root, out var name, out var error) ? name : throw new FormatException($"\"{text}\": {error}");

    /// <summary>Takes an uncompressed wire form; false when it is not exactly one well-formed name.</summary>
    public static bool TryFromWire(ReadOnlySpan<byte> wire, [NotNullWhen(true)] out DomainName? name)
    {
        name = WireName.Measure(wire, 0) == wire.Length ? new DomainName(wire.ToArray()) : null;
        return name is not null;
    }

    /// <summary>Takes a wire form that was just checked.</summary>
    internal static DomainName FromChecked(ReadOnlySpan<byte> wire) => wire.Length == 1 ? Root : new(wire.ToArray());

    /// <summary>Puts a label in front; false when it is empty or longer than 63 octets or the name would exceed 255.</summary>
    public bool TryPrepend(ReadOnlySpan<byte> label, [NotNullWhen(true)] out DomainName? name)
    {
        name = null;
        if (label.IsEmpty || label.Length > WireName.MaxLabelLength || label.Length + 1 + _wire.Length > WireName.MaxLength)
        {
            return false;
        }

        name = new DomainName([(byte)label.Length, .. label, .. _wire]);
        return true;
    }

    /// <summary>Whether this name is <paramref name="ancestor"/> or lies below it.</summary>
    public bool IsAtOrBelow(DomainName ancestor)
    {
        ArgumentNullException.ThrowIfNull(ancestor);
        return WireName.IsAtOrBelow(_wire, ancestor._wire);
    }

    /// <summary>The labels' octets, leftmost first, without the root's empty label.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Labels()
    {
        for (var position = 0; _wire[position] != 0; position += _wire[position] + 1)
        {
            yield return _wire.AsMemory(position + 1, _wire[position]);
        }
    }

    /// <inheritdoc/>
    public bool Equals(DomainName? other) => other is not null && WireName.EqualsIgnoreCase(_wire, other._wire);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DomainName);

    /// <summary>A hash that ignores letter case; seeded anew in every process.</summary>
    public override int GetHashCode()
    {
        Span<byte> lowered = stackalloc byte[_wire.Length];
        WireName.ToLower(_wire, lowered);
        return (int)WireName.Hash(lowered, s_seed);
    }

    /// <summary>Compares in the canonical order of RFC 4034 section 6.1: label by label from the root, as lower-case octets.</summary>
    public int CompareTo(DomainName? other) => Compare(this, other);

    /// <summary>The presentation form with a dot at its end, escaped so that it reads back to the same octets.</summary>
    public override string ToString() => NameText.Print(_wire);

    private static int Compare(DomainName? left, DomainName? right)
    {
        if (left is null || right is null)
        {
            return left is null ? (right is null ? 0 : -1) : 1;
        }

        Span<byte> leftLabels = stackalloc byte[128];
        Span<byte> rightLabels = stackalloc byte[128];
        var l = LabelOffsets(left._wire, leftLabels);
        var r = LabelOffsets(right._wire, rightLabels);
        while (l > 0 && r > 0)
        {
            var order = CompareLabels(left._wire, leftLabels[--l], right._wire, rightLabels[--r]);
            if (order != 0)
            {
                return order;
            }
        }

        return l - r;
    }

    private static int LabelOffsets(ReadOnlySpan<byte> wire, Span<byte> offsets)
    {
        var count = 0;
        for (var position = 0; wire[position] != 0; position += wire[position] + 1)
        {
            offsets[count++] = (byte)position;
        }

        return count;
    }

    private static int CompareLabels(ReadOnlySpan<byte> left, int leftAt, ReadOnlySpan<byte> right, int rightAt)
    {
        var leftLabel = left.Slice(leftAt + 1, left[leftAt]);
        var rightLabel = right.Slice(rightAt + 1, right[rightAt]);
        for (var i = 0; i < Math.Min(leftLabel.Length, rightLabel.Length); i++)
        {
            var order = WireName.ToLower(leftLabel[i]) - WireName.ToLower(rightLabel[i]);
            if (order != 0)
            {
                return order;
            }
        }

        return leftLabel.Length - rightLabel.Length;
    }
}
