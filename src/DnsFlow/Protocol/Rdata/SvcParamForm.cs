using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>The form that the value of a service parameter has on the wire and in text.</summary>
internal abstract class SvcParamForm
{
    private static readonly SvcParamForm s_opaque = new SvcParamOctets(isBase64: false, canBeEmpty: true);

    private static readonly SvcParamForm[] s_forms =
    [
        new SvcParamKeyList(), new SvcParamNames(), new SvcParamFlag(), new SvcParamPort(), new SvcParamAddresses(4),
        new SvcParamOctets(isBase64: true, canBeEmpty: false), new SvcParamAddresses(16), new SvcParamOctets(isBase64: false, canBeEmpty: false),
        new SvcParamFlag(),
    ];

    /// <summary>The form of a key's value; any octets for a key that is not known.</summary>
    public static SvcParamForm For(ushort key) => key < s_forms.Length ? s_forms[key] : s_opaque;

    /// <summary>What spans several keys: mandatory ones are there, and no-default-alpn goes with alpn (sections 7.1.1 and 8).</summary>
    public static bool AreConsistent(ReadOnlySpan<byte> parameters)
    {
        if (Find(parameters, SvcParamKeys.NoDefaultAlpn, out _) && !Find(parameters, SvcParamKeys.Alpn, out _))
        {
            return false;
        }

        Find(parameters, SvcParamKeys.Mandatory, out var mandatory);
        for (; mandatory.Length >= 2; mandatory = mandatory[2..])
        {
            if (!Find(parameters, BinaryPrimitives.ReadUInt16BigEndian(mandatory), out _))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Finds a key in well-formed parameters.</summary>
    public static bool Find(ReadOnlySpan<byte> parameters, ushort key, out ReadOnlySpan<byte> value)
    {
        while (parameters.Length >= 4)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(parameters[2..]);
            if (parameters.Length < 4 + length)
            {
                break;
            }

            if (BinaryPrimitives.ReadUInt16BigEndian(parameters) == key)
            {
                value = parameters.Slice(4, length);
                return true;
            }

            parameters = parameters[(4 + length)..];
        }

        value = default;
        return false;
    }

    public abstract bool IsWellFormed(ReadOnlySpan<byte> value);

    /// <summary>Appends a well-formed value that is not empty, quoted where it needs to be.</summary>
    public abstract void Print(ReadOnlySpan<byte> value, StringBuilder text);

    /// <summary>Makes the wire form of a value whose escapes are already resolved.</summary>
    public abstract bool TryParse(List<byte> text, [NotNullWhen(true)] out byte[]? value);

    /// <summary>Splits at commas.</summary>
    protected static string[] Split(List<byte> text) => Encoding.Latin1.GetString([.. text]).Split(',');
}
