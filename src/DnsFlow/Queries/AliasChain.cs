using DnsFlow.Protocol;

namespace DnsFlow.Queries;

/// <summary>The asked name and the names its CNAME records lead to, in order; at most <see cref="MaxLinks"/> links. Reused, never allocates.</summary>
internal sealed class AliasChain
{
    /// <summary>The most links that are followed; what lies behind is not part of the answer.</summary>
    public const int MaxLinks = 16;

    private const int Stride = 256;

    private readonly byte[] _names = new byte[(MaxLinks + 1) * Stride];
    private readonly byte[] _lengths = new byte[MaxLinks + 1];

    /// <summary>The index of the last name.</summary>
    public int Last { get; private set; }

    /// <summary>The name at <paramref name="index"/>; 0 is the asked one.</summary>
    public ReadOnlySpan<byte> this[int index] => _names.AsSpan(index * Stride, _lengths[index]);

    /// <summary>Begins with the asked name.</summary>
    public void Begin(ReadOnlySpan<byte> name)
    {
        Last = 0;
        Set(0, name);
    }

    /// <summary>Adds the name the last one is an alias of. A loop, or one link too many, ends the chain where it is.</summary>
    public void Follow(ReadOnlySpan<byte> target)
    {
        if (Last < MaxLinks && IndexOf(target) < 0)
        {
            Set(++Last, target);
        }
    }

    /// <summary>The place of a name in the chain, or -1.</summary>
    public int IndexOf(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i <= Last; i++)
        {
            if (WireName.EqualsIgnoreCase(this[i], name))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Whether a name of the chain lies below <paramref name="ancestor"/>, or equals it unless <paramref name="strictly"/>.</summary>
    public bool IsUnder(ReadOnlySpan<byte> ancestor, bool strictly)
    {
        for (var i = 0; i <= Last; i++)
        {
            if (WireName.IsAtOrBelow(this[i], ancestor) && !(strictly && _lengths[i] == ancestor.Length))
            {
                return true;
            }
        }

        return false;
    }

    private void Set(int index, ReadOnlySpan<byte> name)
    {
        name.CopyTo(_names.AsSpan(index * Stride));
        _lengths[index] = (byte)name.Length;
    }
}
