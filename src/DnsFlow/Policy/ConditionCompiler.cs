using System.Globalization;
using DnsFlow.Clients;
using DnsFlow.Flows;
using DnsFlow.Policy.Conditions;
using DnsFlow.Settings;

namespace DnsFlow.Policy;

/// <summary>Compiles what rules ask for, and notes everything that is wrong with it.</summary>
internal sealed class ConditionCompiler(PolicyInputs inputs, RuleListCheck list, TagTable tags)
{
    private int _patternLists;

    /// <summary>Compiles the <c>When</c> of the current rule, the cheapest conditions in front; what was wrong is missing.</summary>
    /// <param name="when">The options.</param>
    /// <param name="only">The one transport the rule's action is for; null = any.</param>
    public RuleCondition[] Compile(RuleConditionOptions when, FlowTransport? only)
    {
        _patternLists = 0;
        var conditions = Compile(when, "When");
        if (only is { } transport && !conditions.OfType<TransportCondition>().Any())
        {
            conditions.Add(new TransportCondition([transport]));
        }

        CheckPossible(conditions);
        return Order(conditions);
    }

    private List<RuleCondition> Compile(RuleConditionOptions when, string path)
    {
        var conditions = new List<RuleCondition>();
        AddListener(conditions, when, path);
        Add(conditions, when.Transport, transports => new TransportCondition(transports));
        AddDomains(conditions, when.Domains, path, "Domains", isNegated: false);
        AddDomains(conditions, when.NotDomains, path, "NotDomains", isNegated: true);
        Add(conditions, when.Types, types => new TypesCondition("Types", types, isNegated: false));
        Add(conditions, when.NotTypes, types => new TypesCondition("NotTypes", types, isNegated: true));
        Add(conditions, when.Class, classes => new ClassCondition(classes));
        Add(conditions, when.Tags, names => new TagCondition("Tags", Tags(names, $"{path}:Tags"), isNegated: false));
        Add(conditions, when.NotTags, names => new TagCondition("NotTags", Tags(names, $"{path}:NotTags"), isNegated: true));
        Add(conditions, when.Schedules, names => new ScheduleCondition("Schedules", Schedules(names, $"{path}:Schedules"), isNegated: false));
        Add(conditions, when.NotSchedules, names => new ScheduleCondition("NotSchedules", Schedules(names, $"{path}:NotSchedules"), isNegated: true));
        Add(conditions, when.From, ranges => new ClientCondition("From", new ClientSet(ranges, []), isNegated: false));
        Add(conditions, when.NotFrom, ranges => new ClientCondition("NotFrom", new ClientSet(ranges, []), isNegated: true));
        Add(conditions, when.Clients, clients => new ClientCondition("Clients", Clients(clients, $"{path}:Clients"), isNegated: false));
        Add(conditions, when.NotClients, clients => new ClientCondition("NotClients", Clients(clients, $"{path}:NotClients"), isNegated: true));
        Add(conditions, when.Lists, names => new ListCondition("Lists", inputs.Lists, Lists(names, $"{path}:Lists"), isNegated: false));
        Add(conditions, when.NotLists, names => new ListCondition("NotLists", inputs.Lists, Lists(names, $"{path}:NotLists"), isNegated: true));
        Add(conditions, when.AnswerCode, codes => new AnswerCodeCondition(codes));
        Add(conditions, when.AnswerIn, ranges => new AnswerAddressCondition("AnswerIn", new ClientSet(ranges, []), isNegated: false));
        Add(conditions, when.NotAnswerIn, ranges => new AnswerAddressCondition("NotAnswerIn", new ClientSet(ranges, []), isNegated: true));
        Add(conditions, when.AnswerName, patterns => new AnswerNameCondition("AnswerName", patterns, isNegated: false));
        Add(conditions, when.NotAnswerName, patterns => new AnswerNameCondition("NotAnswerName", patterns, isNegated: true));
        AddInner(conditions, when, path);
        return conditions;
    }

    private static void Add<T>(List<RuleCondition> conditions, IReadOnlyList<T> values, Func<IReadOnlyList<T>, RuleCondition> make)
    {
        if (values.Count > 0)
        {
            conditions.Add(make(values));
        }
    }

    private static RuleCondition[] Order(IEnumerable<RuleCondition> conditions) => [.. conditions.OrderBy(static one => one switch
    {
        ListCondition => 4,
        AnyCondition or NotCondition => 3,
        DomainCondition domains when domains.Patterns.Any(static pattern => pattern.Regex is not null) => 2,
        AnswerAddressCondition or AnswerNameCondition => 2,
        ClientCondition => 1,
        _ => 0,
    })];

    private void AddListener(List<RuleCondition> conditions, RuleConditionOptions when, string path)
    {
        if (when.Listener.Count == 0)
        {
            return;
        }

        var meant = new bool[inputs.Listeners.Count];
        for (var i = 0; i < when.Listener.Count; i++)
        {
            var index = IndexOf(inputs.Listeners, when.Listener[i]);
            if (index >= 0)
            {
                meant[index] = true;
            }
            else
            {
                Unknown(Key($"{path}:Listener", when.Listener, i), when.Listener[i], "a listener", inputs.Listeners);
            }
        }

        conditions.Add(new ListenerCondition(meant));
    }

    private void AddDomains(List<RuleCondition> conditions, IReadOnlyList<DomainPattern> patterns, string path, string key, bool isNegated)
    {
        if (patterns.Count == 0 || (!isNegated && patterns.Any(static pattern => pattern.IsEverything)))
        {
            return;
        }

        if (_patternLists == PatternTerms.MaxPerRule)
        {
            list.Error($"{path}:{key}", $"the rule has more than {PatternTerms.MaxPerRule} lists of patterns");
            return;
        }

        conditions.Add(new DomainCondition(key, patterns, _patternLists++, isNegated));
    }

    private void AddInner(List<RuleCondition> conditions, RuleConditionOptions when, string path)
    {
        if (when.Not is { } not)
        {
            conditions.Add(new NotCondition(Inner(not, $"{path}:Not", "nothing would ever match")));
        }

        if (when.Any.Count > 0)
        {
            conditions.Add(new AnyCondition([.. when.Any.Select((one, i) => Inner(one, string.Create(CultureInfo.InvariantCulture, $"{path}:Any:{i}"), "all others are for nothing"))]));
        }
    }

    private RuleCondition[] Inner(RuleConditionOptions when, string path, string consequence)
    {
        var conditions = Compile(when, path);
        if (conditions.Count == 0 && !list.Errors.HasBelow($"{list.Path}:{path}"))
        {
            list.Error(path, $"matches everything, so that {consequence}");
        }

        return Order(conditions);
    }

    private void CheckPossible(List<RuleCondition> conditions)
    {
        foreach (var excluding in conditions)
        {
            if (conditions.Find(excluding.Excludes) is { } positive)
            {
                list.Error($"When:{excluding.Key}", $"excludes everything that {positive.Key} allows: the rule can never match");
            }
        }
    }

    private ulong Tags(IReadOnlyList<string> names, string key)
    {
        var bits = 0UL;
        for (var i = 0; i < names.Count; i++)
        {
            bits |= tags.Ask($"{list.Path}:{Key(key, names, i)}", names[i]);
        }

        return bits;
    }

    private ulong Schedules(IReadOnlyList<string> names, string key)
    {
        var bits = 0UL;
        for (var i = 0; i < names.Count; i++)
        {
            var index = IndexOf(inputs.Schedules.Names, names[i]);
            bits |= index < 0 ? 0 : 1UL << index;
            if (index < 0)
            {
                Unknown(Key(key, names, i), names[i], "a schedule", inputs.Schedules.Names);
            }
        }

        return bits;
    }

    private int[] Lists(IReadOnlyList<string> names, string key)
    {
        var numbers = new int[names.Count];
        for (var i = 0; i < names.Count; i++)
        {
            numbers[i] = IndexOf(inputs.Lists.Names, names[i]);
            if (numbers[i] < 0)
            {
                Unknown(Key(key, names, i), names[i], "a list", inputs.Lists.Names);
            }
        }

        return numbers;
    }

    private ClientSet Clients(IReadOnlyList<ClientReference> references, string key)
    {
        var (ranges, macs) = (new List<AddressRange>(), new List<HardwareAddress>());
        for (var i = 0; i < references.Count; i++)
        {
            var reference = references[i];
            if (reference.Name is not { } name)
            {
                ranges.AddRange(reference.Range is { } range ? [range] : []);
                macs.AddRange(reference.Mac is { } mac ? [mac] : []);
            }
            else if (inputs.Clients.TryGetValue(name, out var set))
            {
                ranges.AddRange(set.Addresses);
                macs.AddRange(set.Macs);
            }
            else
            {
                Unknown(Key(key, references, i), name, "a set of clients", [.. inputs.Clients.Keys]);
            }
        }

        return new ClientSet(ranges, macs, inputs.Neighbours);
    }

    private void Unknown(string key, string name, string what, IReadOnlyList<string> known) =>
        list.Error(key, $"'{name}' is not {what}{NearestSpelling.Hint(name, known)}");

    private static string Key<T>(string key, IReadOnlyList<T> values, int index) =>
        values.Count == 1 ? key : string.Create(CultureInfo.InvariantCulture, $"{key}:{index}");

    private static int IndexOf(IReadOnlyList<string> names, string name)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (string.Equals(names[i], name, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return -1;
    }
}
