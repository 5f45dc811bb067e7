namespace DnsFlow.Lists;

/// <summary>A way lists are written. Found by content.</summary>
internal interface IListSyntax
{
    /// <summary>The name, as reports show it.</summary>
    string Name { get; }

    /// <summary>
    /// How surely a line, blanks at its ends removed, is of this syntax: 0 = it is not, 1 = it may be, 2 = it is of no other.
    /// </summary>
    int Weigh(ReadOnlySpan<byte> line);

    /// <summary>Begins a file.</summary>
    IListReader Open(ListBuilder list);
}
