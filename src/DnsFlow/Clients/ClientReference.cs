using System.Diagnostics.CodeAnalysis;
using DnsFlow.Settings;

namespace DnsFlow.Clients;

/// <summary>How a rule says whom it means: by addresses, by a hardware address, or by the name of a set in <c>DnsFlow:Clients</c>. Exactly one is set.</summary>
/// <param name="Range">The addresses.</param>
/// <param name="Mac">The hardware address.</param>
/// <param name="Name">The name of a set.</param>
public readonly record struct ClientReference(AddressRange? Range, HardwareAddress? Mac, string? Name)
{
    /// <summary>Means addresses.</summary>
    public static ClientReference To(AddressRange range) => new(range, null, null);

    /// <summary>Reads a reference; false with the reason when the text is neither.</summary>
    public static bool TryParse(string text, out ClientReference reference, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        error = null;
        if (text.Contains(':', StringComparison.Ordinal) && HardwareAddress.TryParse(text, out var mac))
        {
            reference = new(null, mac, null);
            return true;
        }

        if (AddressRange.TryParse(text, out var range, out var problem))
        {
            reference = To(range);
            return true;
        }

        reference = new(null, null, text);
        error = text.AsSpan().ContainsAny('/', ':') ? problem : SettingsNames.Check(text);
        return error is null;
    }

    /// <inheritdoc/>
    public override string ToString() => Name ?? Mac?.ToString() ?? Range.ToString()!;
}
