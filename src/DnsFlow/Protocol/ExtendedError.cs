using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace DnsFlow.Protocol;

/// <summary>An extended DNS error (RFC 8914): why a response is what it is.</summary>
/// <param name="Code">INFO-CODE.</param>
/// <param name="Text">EXTRA-TEXT, possibly empty; octets that are not UTF-8 are replaced on reading.</param>
public sealed record ExtendedError(ExtendedErrorCode Code, string Text = "")
{
    /// <summary>Reads an option; false for any other and for one too short.</summary>
    public static bool TryRead(EdnsOption option, [NotNullWhen(true)] out ExtendedError? error)
    {
        ArgumentNullException.ThrowIfNull(option);
        error = option.Code == EdnsOptionCode.ExtendedError && option.Data.Length >= 2
            ? new(
                (ExtendedErrorCode)BinaryPrimitives.ReadUInt16BigEndian(option.Data.Span),
                Encoding.UTF8.GetString(option.Data.Span[2..]).TrimEnd('\0'))
            : null;
        return error is not null;
    }

    /// <summary>The option.</summary>
    public EdnsOption ToOption() =>
        new(EdnsOptionCode.ExtendedError, (byte[])[(byte)((int)Code >> 8), (byte)Code, .. Encoding.UTF8.GetBytes(Text)]);

    /// <summary>Number, name and text, escaped: <c>15 (Blocked) "by a list"</c>.</summary>
    public override string ToString()
    {
        var name = Enum.GetName(Code) is { } known ? $" ({known})" : "";
        var text = Text.Length > 0 ? " " + EdnsOptionText.Quoted(Encoding.UTF8.GetBytes(Text)) : "";
        return string.Create(CultureInfo.InvariantCulture, $"{(int)Code}{name}{text}");
    }
}
