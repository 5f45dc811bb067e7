using System.Collections.Frozen;
using System.Net;
using System.Text;
using DnsFlow.Names;
using DnsFlow.Protocol;

namespace DnsFlow.Lists.Syntaxes;

/// <summary>Reads a hosts file.</summary>
internal sealed class HostsReader(ListBuilder list) : IListReader
{
    private static readonly FrozenSet<string> s_own = new[]
    {
        "localhost", "localhost.localdomain", "local", "broadcasthost", "ip6-localhost", "ip6-loopback", "ip6-localnet", "ip6-mcastprefix",
        "ip6-allnodes", "ip6-allrouters", "ip6-allhosts", "0.0.0.0",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private readonly byte[] _name = new byte[WireName.MaxLength];
    private readonly byte[] _addressText = new byte[64];
    private int _addressLength = -1;
    private EntryDetail? _detail;

    /// <summary>Reads an address; a zone id behind <c>%</c> does not matter.</summary>
    public static bool TryReadAddress(ReadOnlySpan<byte> word, out IPAddress address)
    {
        address = IPAddress.None;
        if (word.Length is < 2 or > 60 || !word.ContainsAny((byte)'.', (byte)':') || word.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
        {
            return false;
        }

        var zone = word.IndexOf((byte)'%');
        var text = Encoding.ASCII.GetString(zone < 0 ? word : word[..zone]);
        return Settings.NetworkText.TryParseAddress(text, out address!);
    }

    public void Read(ReadOnlySpan<byte> line)
    {
        line = Words.WithoutComment(line);
        var address = Words.Take(ref line);
        if (address.IsEmpty)
        {
            return;
        }

        if (!TryTakeAddress(address) || line.IsEmpty)
        {
            list.Skip(SkipReason.OtherSyntax);
            return;
        }

        for (var word = Words.Take(ref line); !word.IsEmpty; word = Words.Take(ref line))
        {
            Add(word);
        }
    }

    public void End()
    {
    }

    private void Add(ReadOnlySpan<byte> word)
    {
        // The names of a machine itself are short: nothing is converted for the million others.
        if (word.Length <= 21 && IsOwn(word))
        {
            list.Skip(SkipReason.OwnHost);
        }
        else if (ListNames.Read(word, _name, out var length) is { } reason)
        {
            list.Skip(reason);
        }
        else
        {
            list.Add(_name.AsSpan(0, length), NameScope.Exact, EntryFlags.None, _detail);
        }
    }

    private static bool IsOwn(ReadOnlySpan<byte> word)
    {
        Span<char> text = stackalloc char[word.Length];
        Encoding.Latin1.GetChars(word, text);
        return s_own.GetAlternateLookup<ReadOnlySpan<char>>().Contains(text);
    }

    /// <summary>Whole files have one address, so the last one is remembered.</summary>
    private bool TryTakeAddress(ReadOnlySpan<byte> word)
    {
        if (_addressLength >= 0 && word.SequenceEqual(_addressText.AsSpan(0, _addressLength)))
        {
            return true;
        }

        _addressLength = -1;
        if (!TryReadAddress(word, out var address))
        {
            return false;
        }

        _addressLength = word.Length;
        word.CopyTo(_addressText);
        _detail = Blocks(address) ? null : AnswerDetails.Address(address);
        return true;
    }

    private static bool Blocks(IPAddress address) =>
        IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) || address.Equals(IPAddress.Broadcast)
        || address.IsIPv6LinkLocal || address.IsIPv6Multicast;
}
