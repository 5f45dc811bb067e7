using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Zones;

/// <summary>Answers names of the local zones and hosts files, class IN. Consults nothing when a rule named the domain and forwards it. Allocates nothing.</summary>
internal sealed class ZoneStep(ZoneStore store) : IQueryStep
{
    /// <inheritdoc/>
    public string Name => "zones";

    /// <inheritdoc/>
    public StepResult Invoke(ref QueryContext context) => context.SkipLocalData || context.Query.Class != RecordClass.IN
        ? StepResult.Continue
        : ZoneResponder.Respond(ref context, store.Table, Name);
}
