using System.Security.Cryptography;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Zones;

/// <summary>
/// Keeps special-use names at home (RFC 6761, 6303, 6762, 7686, 7793, 8375, 9462, 9476). Comes behind the zones, so that a zone of the user's own has
/// precedence, and consults nothing when a rule named the domain and forwards it. Allocates nothing.
/// </summary>
internal sealed class SpecialNamesStep : IQueryStep
{
    private readonly ulong _seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));
    private readonly Func<IReadOnlyList<byte[]>> _designated;
    private volatile Built _built;

    /// <summary>Makes the step.</summary>
    /// <param name="designated">Says our own encrypted addresses, as the data of SVCB records: the same list as long as they are the same. Null = there are none.</param>
    public SpecialNamesStep(Func<IReadOnlyList<byte[]>>? designated = null)
    {
        _designated = designated ?? (static () => []);
        _built = Build(_designated());
    }

    /// <inheritdoc/>
    public string Name => "special-names";

    /// <inheritdoc/>
    public StepResult Invoke(ref QueryContext context) => context.SkipLocalData || context.Query.Class != RecordClass.IN
        ? StepResult.Continue
        : ZoneResponder.Respond(ref context, context.Query.Type == RecordType.SVCB ? Followed() : _built.Names, Name);

    // A certificate that was renewed may be for another name.
    private ZoneTable Followed()
    {
        var designated = _designated();
        if (!ReferenceEquals(designated, _built.Designated))
        {
            _built = Build(designated);
        }

        return _built.Names;
    }

    private Built Build(IReadOnlyList<byte[]> designated) => new(designated, SpecialNames.Build(_seed, designated));

    private sealed record Built(IReadOnlyList<byte[]> Designated, ZoneTable Names);
}
