namespace DnsFlow.Policy;

/// <summary>The tags of a list of rules, one bit each, while it is compiled.</summary>
internal sealed class TagTable
{
    /// <summary>The most tags.</summary>
    public const int MaxTags = 64;

    private readonly List<string> _names = [];
    private readonly HashSet<string> _given = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<(string Path, string Name)> _asked = [];

    /// <summary>The names in the order of their bits.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The tags that some rule gives.</summary>
    public IReadOnlyCollection<string> Given => _given;

    /// <summary>The tags that rules ask for and none gives, with the place where they do.</summary>
    public IEnumerable<(string Path, string Name)> Missing => _asked.Where(asked => !_given.Contains(asked.Name));

    /// <summary>The bit of a tag that a rule gives; 0 when there are too many.</summary>
    public ulong Give(string name)
    {
        _given.Add(name);
        return Bit(name);
    }

    /// <summary>The bit of a tag that a rule asks for; 0 when there are too many.</summary>
    public ulong Ask(string path, string name)
    {
        _asked.Add((path, name));
        return Bit(name);
    }

    private ulong Bit(string name)
    {
        var index = _names.FindIndex(known => string.Equals(known, name, StringComparison.OrdinalIgnoreCase));
        if (index < 0 && _names.Count < MaxTags)
        {
            index = _names.Count;
            _names.Add(name);
        }

        return index < 0 ? 0 : 1UL << index;
    }
}
