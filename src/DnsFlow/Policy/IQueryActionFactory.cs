using DnsFlow.Settings;

namespace DnsFlow.Policy;

/// <summary>Makes the action of a rule from the rule's own keys. Rules find it by its name.</summary>
public interface IQueryActionFactory
{
    /// <summary>The name rules use, as in <c>"Action": "forward"</c>; letter case does not matter, a name given twice is an error.</summary>
    string Name { get; }

    /// <summary>The keys a rule with this action may have beside <c>Name</c>, <c>When</c> and <c>Action</c>.</summary>
    SettingsShape Shape { get; }

    /// <summary>Whether the action makes sense for datagrams only; its rules then match no others.</summary>
    bool OnlyDatagrams => false;

    /// <summary>Where rules can have it: query rules unless said otherwise.</summary>
    RuleStages Stages => RuleStages.Query;

    /// <summary>Makes the action, or notes in the context what is wrong and returns null.</summary>
    IQueryAction? Create(QueryActionContext context);
}
