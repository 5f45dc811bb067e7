using DnsFlow.Flows;

namespace DnsFlow.Copying;

/// <summary>How the copying of a flow ended.</summary>
/// <param name="EndedBy">Who ended it.</param>
/// <param name="Error">With what error; null when all was in good order.</param>
/// <param name="MessagesOut">Messages that went from the client to the remote side.</param>
/// <param name="MessagesIn">Messages that went from the remote side to the client.</param>
public readonly record struct CopyResult(CopySide EndedBy, FlowError? Error, long MessagesOut, long MessagesIn);
