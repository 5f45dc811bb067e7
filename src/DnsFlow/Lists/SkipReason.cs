namespace DnsFlow.Lists;

/// <summary>Why lines are skipped. A closed set, so that counts by reason stay few.</summary>
internal static class SkipReason
{
    /// <summary>Longer than a line may be.</summary>
    public const string TooLong = "the line has more than 4,096 octets";

    /// <summary>Not a name.</summary>
    public const string NotAName = "not a domain name";

    /// <summary>An address where a name is expected.</summary>
    public const string IsAddress = "an address, not a name";

    /// <summary>Not a name after the conversion of its characters.</summary>
    public const string NoAsciiForm = "a name with characters that have no A-label form";

    /// <summary>The line is not of the syntax that the file has.</summary>
    public const string OtherSyntax = "not in the syntax of the file";

    /// <summary>Names that hosts files begin with.</summary>
    public const string OwnHost = "a name of the machine itself, as hosts files begin with";

    /// <summary>Hides elements of web pages.</summary>
    public const string Cosmetic = "a cosmetic rule, not for DNS";

    /// <summary>Looks at URLs.</summary>
    public const string UrlPath = "a rule on URLs, not on names";

    /// <summary>Modifier of a browser's filter, or unknown.</summary>
    public const string UnknownModifier = "a modifier that is not for DNS";

    /// <summary>A modifier's value is wrong.</summary>
    public const string BadModifier = "a modifier with a wrong value";

    /// <summary>Client names and tags, which a list cannot know here.</summary>
    public const string ClientName = "a client by its name or tag; addresses and networks are known";

    /// <summary>A regular expression that cannot be used.</summary>
    public const string BadExpression = "a regular expression that cannot be used";

    /// <summary>A pattern that covers every name.</summary>
    public const string CoversEverything = "it would cover every name";

    /// <summary>More patterns than are kept.</summary>
    public const string TooManyPatterns = "more than 10,000 entries that are no names";

    /// <summary>More regular expressions than are tried.</summary>
    public const string TooManyExpressions = "more than 1,000 regular expressions";

    /// <summary>More entries that are tried with every name than are kept.</summary>
    public const string TooManyUnanchored = "more than 100 patterns without three letters in a row that every match has: each is tried with every name";

    /// <summary>More kinds of modifiers and answers than are kept.</summary>
    public const string TooManyDetails = "more than 1,000,000 different modifiers or answers";

    /// <summary>More answers than one name can have.</summary>
    public const string TooManyRecords = "more than 32 records for one name";

    /// <summary>Settings of a server, not entries.</summary>
    public const string ServerSetting = "a setting of a server, not an entry of a list";

    /// <summary>A server to ask for the names.</summary>
    public const string ForwardsElsewhere = "it names a server to ask; a rule with the action forward does that";

    /// <summary>Local data that makes no answer by itself.</summary>
    public const string LocalData = "local data without a redirect zone; a zone file does that";

    /// <summary>An unbound zone type that does not block.</summary>
    public const string NotBlocking = "a zone of a type that blocks nothing";

    /// <summary>The apex of a policy zone.</summary>
    public const string ZoneData = "SOA, NS or other data of the policy zone itself";

    /// <summary>A trigger on what no response that is kept tells.</summary>
    public const string ServerAddress = "a trigger on the address of a name server (rpz-nsip): responses are kept without the addresses of servers";

    /// <summary>More triggers on answers than a list may have.</summary>
    public const string TooManyAnswerTriggers = "more than 100,000 triggers on answers (rpz-ip, rpz-nsdname)";

    /// <summary>More triggers on clients than a list may have.</summary>
    public const string TooManyClientTriggers = "more than 100,000 triggers on clients (rpz-client-ip)";

    /// <summary>A CNAME, or an action that is written as one, and other data.</summary>
    public const string BesideAction = "a further record where a CNAME stands or would stand: it has to be the only one of its name or trigger";

    /// <summary>A trigger that is wrong.</summary>
    public const string BadTrigger = "a trigger that is no address and prefix length";

    /// <summary>A record that cannot be read.</summary>
    public const string BadRecord = "a record that cannot be read";
}
