using System.Net;
using System.Net.Sockets;
using System.Text;
using DnsFlow.Names;
using DnsFlow.Protocol;

namespace DnsFlow.Lists.Syntaxes;

/// <summary>Reads dnsmasq's settings.</summary>
internal sealed class DnsmasqReader(ListBuilder list) : IListReader
{
    private readonly byte[] _name = new byte[WireName.MaxLength];

    public void Read(ReadOnlySpan<byte> line)
    {
        line = Words.WithoutComment(line);
        var equals = line.IndexOf((byte)'=');
        if (equals < 0)
        {
            if (!line.IsEmpty)
            {
                list.Skip(SkipReason.ServerSetting);
            }

            return;
        }

        var value = line[(equals + 1)..].Trim(" \t"u8);
        switch (line[..equals].TrimEnd(" \t"u8))
        {
            case var key when key.SequenceEqual("address"u8):
                ReadNames(value, isAddress: true);
                break;
            case var key when key.SequenceEqual("server"u8) || key.SequenceEqual("local"u8):
                ReadNames(value, isAddress: false);
                break;
            case var key when key.SequenceEqual("host-record"u8):
                ReadHost(value);
                break;
            default:
                list.Skip(SkipReason.ServerSetting);
                break;
        }
    }

    public void End()
    {
    }

    /// <summary>/NAME/NAME/.../TARGET</summary>
    private void ReadNames(ReadOnlySpan<byte> value, bool isAddress)
    {
        var last = value.LastIndexOf((byte)'/');
        if (value.IsEmpty || value[0] != '/' || last == 0)
        {
            list.Skip(SkipReason.ServerSetting);
            return;
        }

        if (!TryReadTarget(value[(last + 1)..], isAddress, out var flags, out var detail))
        {
            list.Skip(isAddress ? SkipReason.OtherSyntax : SkipReason.ForwardsElsewhere);
            return;
        }

        var names = value[1..last];
        foreach (var range in names.Split((byte)'/'))
        {
            Add(names[range], flags, detail);
        }
    }

    private static bool TryReadTarget(ReadOnlySpan<byte> target, bool isAddress, out EntryFlags flags, out EntryDetail? detail)
    {
        (flags, detail) = (EntryFlags.LongestWins, null);
        if (target.IsEmpty)
        {
            return true;
        }

        if (target.SequenceEqual("#"u8))
        {
            flags |= isAddress ? EntryFlags.None : EntryFlags.Exception;
            return true;
        }

        if (!HostsReader.TryReadAddress(target, out var address))
        {
            return false;
        }

        // A server on this machine where nothing listens, or the null address, is how lists block.
        var blocks = address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) || IPAddress.IsLoopback(address);
        detail = blocks || !isAddress ? null : Answer(address);
        return blocks || isAddress;
    }

    /// <summary>The address for its own family; the other one is asked upstream. HTTPS and SVCB would lead around it.</summary>
    private static EntryDetail Answer(IPAddress address)
    {
        var type = address.AddressFamily == AddressFamily.InterNetwork ? RecordType.A : RecordType.AAAA;
        return AnswerDetails.Address(address) with { Types = [type, RecordType.HTTPS, RecordType.SVCB] };
    }

    private void Add(ReadOnlySpan<byte> name, EntryFlags flags, EntryDetail? detail)
    {
        if (name.SequenceEqual("#"u8) || name.SequenceEqual("*"u8))
        {
            list.Skip(SkipReason.CoversEverything);
            return;
        }

        if (name.StartsWith("*"u8) && !name.StartsWith("*."u8))
        {
            AddEnding(name, flags, detail);
            return;
        }

        name = name.StartsWith("*."u8) ? name[2..] : name.StartsWith("."u8) ? name[1..] : name;
        if (ListNames.Read(name, _name, out var length) is { } reason)
        {
            list.Skip(reason);
            return;
        }

        list.Add(_name.AsSpan(0, length), NameScope.AtAndBelow, flags, detail);
    }

    /// <summary><c>*x</c>: every name whose text ends so.</summary>
    private void AddEnding(ReadOnlySpan<byte> name, EntryFlags flags, EntryDetail? detail)
    {
        if (ListNames.Read(name[1..], _name, out _) is { } reason)
        {
            list.Skip(reason);
            return;
        }

        var text = Encoding.ASCII.GetString(name).ToLowerInvariant();
        list.AddPattern(new GlobPattern(text, atStart: false, atLabel: false, atEnd: true), text, flags & ~EntryFlags.LongestWins, detail);
    }

    /// <summary>NAME[,NAME...],ADDRESS[,ADDRESS]: exactly these names.</summary>
    private void ReadHost(ReadOnlySpan<byte> value)
    {
        foreach (var range in value.Split((byte)','))
        {
            if (HostsReader.TryReadAddress(value[range].Trim(" \t"u8), out var address))
            {
                AddHost(value, address);
            }
        }
    }

    private void AddHost(ReadOnlySpan<byte> value, IPAddress address)
    {
        foreach (var range in value.Split((byte)','))
        {
            var name = value[range].Trim(" \t"u8);
            if (!HostsReader.TryReadAddress(name, out _) && ListNames.Read(name, _name, out var length) is null)
            {
                list.Add(_name.AsSpan(0, length), NameScope.Exact, EntryFlags.LongestWins, Answer(address));
            }
        }
    }
}
