using DnsFlow.Queries;

namespace DnsFlow.Policy.Actions;

/// <summary>Blocks: as the entry of the list says by which the rule matched, else in the rule's style.</summary>
internal sealed class BlockAction(IQueryAction style, ListAnswerWriter answers) : IQueryAction
{
    public StepResult Invoke(ref QueryContext context) =>
        context.ListMatch.Answer is { } answer ? answers.Write(ref context, answer) : style.Invoke(ref context);
}
