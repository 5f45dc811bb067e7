namespace DnsFlow.Settings;

/// <summary>What an object of the configuration looks like: the keys it may have.</summary>
public abstract class SettingsShape
{
    private protected SettingsShape(string description) => Description = description;

    /// <summary>What the object is for.</summary>
    public string Description { get; }

    /// <summary>Its keys in the order they were declared.</summary>
    public abstract IReadOnlyList<SettingsKey> Keys { get; }

    /// <summary>Whether it may have keys that somebody else knows.</summary>
    public abstract bool IsOpen { get; }
}

/// <summary>
/// What an object of the configuration looks like and how it is read into <typeparamref name="T"/>. Declared once, beside the options class;
/// the validator, the schema and the documentation come from it.
/// </summary>
public sealed class SettingsShape<T>(string description) : SettingsShape(description)
{
    private readonly List<SettingsKey<T>> _keys = [];
    private readonly List<string> _names = [];
    private Action<T, SettingsReader>? _keep;

    /// <inheritdoc/>
    public override IReadOnlyList<SettingsKey> Keys => _keys;

    /// <inheritdoc/>
    public override bool IsOpen => _keep is not null;

    /// <summary>A key with one value.</summary>
    public SettingsShape<T> Value<TValue>(string key, SettingsKind<TValue> kind, Action<T, TValue> set, string description) =>
        Add(new(key, SettingsKeyForm.Value, kind.Allowed, description, (reader, target) =>
        {
            if (reader.TryReadValue(kind, out var value))
            {
                set(target, value);
            }
        }, kind.Names, isSame: kind.IsSame));

    /// <summary>A key with a list of values.</summary>
    public SettingsShape<T> List<TValue>(string key, SettingsKind<TValue> kind, Action<T, IReadOnlyList<TValue>> set, string description) =>
        Add(new(key, SettingsKeyForm.List, kind.Allowed, description, (reader, target) =>
        {
            if (reader.TryReadList(kind, out var values))
            {
                set(target, values);
            }
        }, kind.Names, isSame: kind.IsSame));

    /// <summary>A key with an object that is read into what <paramref name="get"/> gives.</summary>
    public SettingsShape<T> Object<TValue>(string key, SettingsShape<TValue> shape, Func<T, TValue> get) =>
        Add(new(key, SettingsKeyForm.Object, "an object", shape.Description, (reader, target) => reader.Read(shape, get(target)), shape: shape));

    /// <summary>A key with an object that is made when something is written there; nothing written leaves the target alone.</summary>
    public SettingsShape<T> OptionalObject<TValue>(string key, SettingsShape<TValue> shape, Func<TValue> make, Action<T, TValue> set) =>
        Add(new(key, SettingsKeyForm.Object, "an object", shape.Description, (reader, target) =>
        {
            if (reader.Exists)
            {
                set(target, ReadNew(reader, shape, make));
            }
        }, shape: shape));

    /// <summary>A key with a list of objects. Nothing written leaves the target alone.</summary>
    public SettingsShape<T> Objects<TValue>(
        string key, SettingsShape<TValue> shape, Func<TValue> make, Action<T, IReadOnlyList<TValue>> set)
        => Add(new(key, SettingsKeyForm.ObjectList, "a list of objects", shape.Description, (reader, target) =>
        {
            if (reader.Exists)
            {
                set(target, [.. reader.Elements().Select(element => ReadNew(element, shape, make))]);
            }
        }, shape: shape));

    /// <summary>A key with objects by name.</summary>
    public SettingsShape<T> Map<TValue>(string key, SettingsShape<TValue> shape, Func<TValue> make, Action<T, string, TValue> add) =>
        Add(new(key, SettingsKeyForm.Map, "objects by name", shape.Description, (reader, target) =>
        {
            if (!reader.CheckIsObject())
            {
                return;
            }

            foreach (var name in reader.Keys)
            {
                var child = reader.Child(name);
                if (SettingsNames.Check(name) is { } problem)
                {
                    child.Error(problem);
                }

                add(target, name, ReadNew(child, shape, make));
            }
        }, shape: shape));

    /// <summary>Keys of a later version: set, they are an error that says so.</summary>
    public SettingsShape<T> Later(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            Add(new(key, SettingsKeyForm.Later, "nothing yet", "Not supported by this version.", static (reader, _) =>
            {
                if (reader.Exists)
                {
                    reader.Error("not supported by this version");
                }
            }));
        }

        return this;
    }

    /// <summary>Says which of the keys declared so far take effect at a start only; a reload leaves them as they are and says so.</summary>
    public SettingsShape<T> AtStart(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            _keys[_names.IndexOf(key)].NeedsRestart = true;
        }

        return this;
    }

    /// <summary>Lets the target keep its reader: for objects whose other keys somebody else knows. Unknown keys are then no error here.</summary>
    public SettingsShape<T> Open(Action<T, SettingsReader> keep)
    {
        _keep = keep;
        return this;
    }

    internal void Read(SettingsReader reader, T target)
    {
        if (_keep is null)
        {
            reader.CheckKeys(_names);
        }

        _keep?.Invoke(target, reader);
        ReadKeys(reader, target);
    }

    internal void ReadKeys(SettingsReader reader, T target)
    {
        foreach (var key in _keys)
        {
            key.Read(reader.Child(key.Name), target);
        }
    }

    private static TValue ReadNew<TValue>(SettingsReader reader, SettingsShape<TValue> shape, Func<TValue> make)
    {
        var value = make();
        reader.Read(shape, value);
        return value;
    }

    private SettingsShape<T> Add(SettingsKey<T> key)
    {
        _keys.Add(key);
        _names.Add(key.Name);
        return this;
    }
}
