namespace DnsFlow.Settings;

/// <summary>One key of a shape, as the documentation and the schema see it.</summary>
public abstract class SettingsKey
{
    private protected SettingsKey(string name, string allowed, string description)
    {
        Name = name;
        Allowed = allowed;
        Description = description;
    }

    /// <summary>The key.</summary>
    public string Name { get; }

    /// <summary>What is allowed.</summary>
    public string Allowed { get; }

    /// <summary>What it means.</summary>
    public string Description { get; }

    /// <summary>Whether it is one value, a list of values, an object, a list of objects or objects by name.</summary>
    public SettingsKeyForm Form { get; private protected init; }

    /// <summary>The values of a closed set; empty when the set is open.</summary>
    public IReadOnlyList<string> Names { get; private protected init; } = [];

    /// <summary>The shape of the object or objects; null for values.</summary>
    public SettingsShape? Shape { get; private protected init; }

    /// <summary>Whether a change of it, or of what is below, takes effect at the next start only.</summary>
    public bool NeedsRestart { get; internal set; }

    /// <summary>Whether two texts mean the same value: <c>1s</c> and <c>1000ms</c>.</summary>
    internal Func<string, string, bool> IsSame { get; private protected init; } = static (left, right) => left == right;
}

/// <summary>One key of a shape, with how it is read.</summary>
internal sealed class SettingsKey<TTarget> : SettingsKey
{
    private readonly Action<SettingsReader, TTarget> _read;

    public SettingsKey(
        string name, SettingsKeyForm form, string allowed, string description, Action<SettingsReader, TTarget> read,
        IReadOnlyList<string>? names = null, SettingsShape? shape = null, Func<string, string, bool>? isSame = null)
        : base(name, allowed, description)
    {
        IsSame = isSame ?? IsSame;
        _read = read;
        Form = form;
        Names = names ?? [];
        Shape = shape;
    }

    /// <summary>Reads the key at <paramref name="reader"/> into <paramref name="target"/>.</summary>
    public void Read(SettingsReader reader, TTarget target) => _read(reader, target);
}
