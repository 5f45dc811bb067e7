using System.Security.Cryptography;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Zones;

/// <summary>
/// Keeps special-use names at home (RFC 6761, 6303, 6762, 7686, 7793, 8375, 9462, 9476). Comes behind the zones, so that a zone of the user's own has
/// precedence, and consults nothing when a rule named the domain and forwards it. Allocates nothing.
/// </summary>
/// <param name="designated">Our own encrypted addresses, as the data of SVCB records.</param>
internal sealed class SpecialNamesStep(IReadOnlyList<byte[]>? designated = null) : IQueryStep
{
    private readonly ZoneTable _names = SpecialNames.Build(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)), designated ?? []);

    /// <inheritdoc/>
    public string Name => "special-names";

    /// <inheritdoc/>
    public StepResult Invoke(ref QueryContext context) => context.SkipLocalData || context.Query.Class != RecordClass.IN
        ? StepResult.Continue
        : ZoneResponder.Respond(ref context, _names, Name);
}
