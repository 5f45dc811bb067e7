namespace DnsFlow.Lists;

/// <summary>A pattern over the text of a name. Thread safe.</summary>
internal interface ITextPattern
{
    /// <summary>Letters that every covered name has in a row, by which the pattern is found; empty = it is tried with every name.</summary>
    string Key { get; }

    /// <summary>Whether it covers a name: lower case, dots between the labels, none at the end. Allocates nothing.</summary>
    bool Covers(ReadOnlySpan<char> name);
}
