using DnsFlow.Queries;

namespace DnsFlow.Policy.Actions;

/// <summary>Blocks: as the entry of the list says by which the rule matched, else in the rule's style.</summary>
internal sealed class BlockAction(IQueryAction style, ListAnswerWriter answers) : IQueryAction
{
    public StepResult Invoke(ref QueryContext context) =>
        context.ListMatch.Answer is not { } answer ? style.Invoke(ref context)
        : answers.TryLead(ref context, answer) ? StepResult.Detour
        : answers.Write(ref context, answer);
}
