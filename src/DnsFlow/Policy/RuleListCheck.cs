using System.Globalization;
using DnsFlow.Policy.Conditions;
using DnsFlow.Settings;

namespace DnsFlow.Policy;

/// <summary>What is checked of a list of rules whatever the rules are: names used once, every rule reachable, and where that is needed (an example is given) the last one matching everything.</summary>
internal sealed class RuleListCheck(string listPath, string? example, SettingsErrors errors)
{
    /// <summary>The most rules of a list.</summary>
    public const int MaxRules = 100_000;

    private readonly HiddenRules _hidden = new();
    private readonly Dictionary<string, int> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly int _before = errors.Count + errors.Omitted;
    private string? _catchAll;
    private string _name = "";
    private bool _endsWithCatchAll;
    private bool _isUnsure;

    /// <summary>The path of the list.</summary>
    public string ListPath { get; } = listPath;

    /// <summary>Where errors go.</summary>
    public SettingsErrors Errors { get; } = errors;

    /// <summary>The path of the rule that is checked.</summary>
    public string Path { get; private set; } = "";

    /// <summary>Whether anything was noted since the list began.</summary>
    public bool HasErrors => Errors.Count + Errors.Omitted != _before;

    /// <summary>Begins with a rule and returns its name.</summary>
    public string Begin(int index, string? name)
    {
        Path = string.Create(CultureInfo.InvariantCulture, $"{ListPath}:{index}");
        _name = name ?? string.Create(CultureInfo.InvariantCulture, $"rule-{index}");
        if (name is not null && SettingsNames.Check(name) is { } problem)
        {
            Error("Name", problem);
        }

        if (!_names.TryAdd(_name, index))
        {
            Error("Name", string.Create(CultureInfo.InvariantCulture, $"'{_name}' is the name of rule {_names[_name]} already"));
        }

        if (index == MaxRules)
        {
            Errors.Add(ListPath, $"there are more than {MaxRules} rules");
        }

        return _name;
    }

    /// <summary>Notes an error at a key of the rule.</summary>
    public void Error(string key, string message) => Errors.Add($"{Path}:{key}", message);

    /// <summary>Notes an error when rules before the current one leave nothing to it.</summary>
    /// <param name="conditions">What the rule asks for.</param>
    /// <param name="isFinal">Whether it leaves nothing to rules behind it.</param>
    /// <param name="isMeantToHide">Whether it is no error that it does.</param>
    public void CheckReachable(RuleCondition[] conditions, bool isFinal, bool isMeantToHide)
    {
        if (Errors.HasBelow($"{Path}:When"))
        {
            _isUnsure = true;       // what was meant is not known, so nothing is said about what it leaves to other rules
        }

        if (_catchAll is not null)
        {
            Errors.Add(Path, $"is never reached: rule '{_catchAll}' before it matches everything");
        }
        else if (!Errors.HasBelow($"{Path}:When") && _hidden.FindHiding(conditions) is { } hiding)
        {
            Errors.Add(Path, $"is never reached: rule '{hiding}' before it matches everything that it matches");
        }

        if (Errors.HasBelow($"{Path}:When") || !isFinal)
        {
            _endsWithCatchAll = false;
            return;
        }

        _endsWithCatchAll = conditions.Length == 0;
        _catchAll ??= _endsWithCatchAll ? _name : null;
        if (!_endsWithCatchAll && !isMeantToHide)
        {
            _hidden.Add(_name, conditions);
        }
    }

    /// <summary>Ends the list: the last rule must match everything.</summary>
    public void End()
    {
        if (example is not null && !_endsWithCatchAll && _catchAll is null && !_isUnsure)
        {
            Errors.Add(Path.Length == 0 ? ListPath : Path, $"the last rule must match everything and decide, as in {example}");
        }
    }
}
