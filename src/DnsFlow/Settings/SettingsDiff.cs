using System.Globalization;

namespace DnsFlow.Settings;

/// <summary>
/// What one configuration says differently from another. It knows no key by name: shapes say what is a named object, what is a list whose order
/// matters, what means the same though it is written differently, and what takes effect at a start only.
/// </summary>
internal sealed class SettingsDiff
{
    private readonly List<SettingsChange> _changes = [];

    /// <summary>All differences of two sections of a shape, in the order of its keys.</summary>
    public static IReadOnlyList<SettingsChange> Compare(SettingsShape shape, SettingsNode before, SettingsNode after)
    {
        var diff = new SettingsDiff();
        foreach (var key in shape.Keys)
        {
            diff.CompareSubject(key, Written(before, key.Name), Written(after, key.Name));
        }

        return diff._changes;
    }

    private void CompareSubject(SettingsKey key, SettingsNode? before, SettingsNode? after)
    {
        var place = new Place(key.Name, "", key.NeedsRestart);
        switch (key.Form)
        {
            case SettingsKeyForm.Map:
                CompareNamed(key, Children(before), Children(after), static node => node.Key);
                break;
            case SettingsKeyForm.ObjectList:
                CompareNamed(key, Children(before), Children(after), NameOf);
                CompareOrder(key, Children(before), Children(after));
                break;
            case SettingsKeyForm.Object:
                CompareKeys(key.Shape!, place, before, after);
                break;
            default:
                CompareValue(key, place, before, after);
                break;
        }
    }

    private void CompareNamed(SettingsKey key, IReadOnlyList<SettingsNode> before, IReadOnlyList<SettingsNode> after, Func<SettingsNode, string> nameOf)
    {
        var old = ByName(before, nameOf);
        var names = ByName(after, nameOf);
        foreach (var (name, node) in old.Where(pair => !names.ContainsKey(pair.Key)))
        {
            _changes.Add(new SettingsChange(SettingsChangeKind.Removed, Subject(key, name), "", node.ToString(), null, key.NeedsRestart));
        }

        foreach (var (name, node) in names)
        {
            if (old.TryGetValue(name, out var earlier))
            {
                CompareKeys(key.Shape!, new Place(Subject(key, name), "", key.NeedsRestart), earlier, node);
            }
            else
            {
                _changes.Add(new SettingsChange(SettingsChangeKind.Added, Subject(key, name), "", null, node.ToString(), key.NeedsRestart));
            }
        }
    }

    /// <summary>As few elements as possible that must have moved: those outside of the longest sequence that kept its order.</summary>
    private void CompareOrder(SettingsKey key, IReadOnlyList<SettingsNode> before, IReadOnlyList<SettingsNode> after)
    {
        var old = before.Select(NameOf).ToList();
        var common = after.Select(NameOf).Where(name => old.Contains(name, StringComparer.OrdinalIgnoreCase)).ToList();
        var places = common.ConvertAll(name => old.FindIndex(other => string.Equals(other, name, StringComparison.OrdinalIgnoreCase)));
        var kept = LongestRise(places);
        for (var i = 0; i < common.Count; i++)
        {
            if (!kept.Contains(i))
            {
                var now = after.ToList().FindIndex(node => string.Equals(NameOf(node), common[i], StringComparison.OrdinalIgnoreCase));
                _changes.Add(new SettingsChange(SettingsChangeKind.Moved, Subject(key, common[i]), "", Number(places[i]), Number(now), key.NeedsRestart));
            }
        }
    }

    private void CompareKeys(SettingsShape shape, Place place, SettingsNode? before, SettingsNode? after)
    {
        var known = shape.Keys.ToDictionary(static key => key.Name, StringComparer.OrdinalIgnoreCase);
        var others = Children(before).Concat(Children(after)).Select(static node => node.Key).Where(name => !known.ContainsKey(name));
        foreach (var name in known.Keys.Concat(others.Distinct(StringComparer.OrdinalIgnoreCase)))
        {
            var (old, node) = (Written(before, name), Written(after, name));
            var key = known.GetValueOrDefault(name);
            var below = place.Below(name, key?.NeedsRestart == true);
            if (key?.Form == SettingsKeyForm.Object)
            {
                CompareKeys(key.Shape!, below, old, node);
            }
            else
            {
                CompareValue(key, below, old, node);
            }
        }
    }

    private void CompareValue(SettingsKey? key, Place place, SettingsNode? before, SettingsNode? after)
    {
        if (!IsSame(key, before, after))
        {
            _changes.Add(new SettingsChange(SettingsChangeKind.Changed, place.Subject, place.Key, before?.ToString(), after?.ToString(), place.NeedsRestart));
        }
    }

    private static bool IsSame(SettingsKey? key, SettingsNode? before, SettingsNode? after) =>
        before is null || after is null ? ReferenceEquals(before, after)
        : before.ToString() == after.ToString() || (key is not null && Elements(before).Count == Elements(after).Count
            && Elements(before).Zip(Elements(after)).All(pair => key.IsSame(pair.First, pair.Second)));

    // One value alone is a list of one.
    private static List<string> Elements(SettingsNode node) => node.Children.Count > 0 ? [.. node.Children.Select(static child => child.ToString())] : [node.ToString()];

    private static Dictionary<string, SettingsNode> ByName(IReadOnlyList<SettingsNode> nodes, Func<SettingsNode, string> nameOf)
    {
        var byName = new Dictionary<string, SettingsNode>(StringComparer.OrdinalIgnoreCase);
        foreach (var node in nodes)
        {
            byName.TryAdd(nameOf(node), node);
        }

        return byName;
    }

    /// <summary>The places of a longest rising sequence.</summary>
    private static HashSet<int> LongestRise(List<int> numbers)
    {
        var ends = new List<int>();                     // ends[n]: the place of the smallest number that ends a rise of n + 1
        var before = new int[numbers.Count];
        for (var i = 0; i < numbers.Count; i++)
        {
            var length = ends.FindIndex(end => numbers[end] >= numbers[i]);
            length = length < 0 ? ends.Count : length;
            before[i] = length > 0 ? ends[length - 1] : -1;
            if (length == ends.Count)
            {
                ends.Add(i);
            }
            else
            {
                ends[length] = i;
            }
        }

        var rise = new HashSet<int>();
        for (var i = ends.Count > 0 ? ends[^1] : -1; i >= 0; i = before[i])
        {
            rise.Add(i);
        }

        return rise;
    }

    private static SettingsNode? Written(SettingsNode? node, string key) => node?.Find(key) is { IsEmpty: false } found ? found : null;

    private static IReadOnlyList<SettingsNode> Children(SettingsNode? node) => node?.Children ?? [];

    private static string NameOf(SettingsNode node) => node.Find("Name")?.Value ?? node.Key;

    private static string Number(int index) => (index + 1).ToString(CultureInfo.InvariantCulture);

    private static string Subject(SettingsKey key, string name) => $"{key.Name} '{name}'";

    private readonly record struct Place(string Subject, string Key, bool NeedsRestart)
    {
        public Place Below(string key, bool needsRestart) => new(Subject, Key.Length == 0 ? key : $"{Key}:{key}", NeedsRestart || needsRestart);
    }
}
