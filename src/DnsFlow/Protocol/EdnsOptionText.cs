using System.Globalization;
using System.Text;

namespace DnsFlow.Protocol;

/// <summary>EDNS options for people. Text from the wire is escaped: it is not ours.</summary>
internal static class EdnsOptionText
{
    public static string Print(EdnsOption option) => option.Code switch
    {
        EdnsOptionCode.NameServerIdentifier => $"NSID: {Convert.ToHexStringLower(option.Data.Span)} ({Quoted(option.Data.Span)})",
        EdnsOptionCode.Padding => string.Create(CultureInfo.InvariantCulture, $"PADDING: {option.Data.Length} octets"),
        EdnsOptionCode.ClientSubnet when ClientSubnet.TryRead(option, out var subnet) => $"CLIENT-SUBNET: {subnet}",
        EdnsOptionCode.Cookie when DnsCookie.TryRead(option, out var cookie) => $"COOKIE: {cookie}",
        EdnsOptionCode.ExtendedError when ExtendedError.TryRead(option, out var error) => $"EDE: {error}",
        EdnsOptionCode.TcpKeepalive when option.TryGetKeepalive(out var idle) =>
            string.Create(CultureInfo.InvariantCulture, $"TCP-KEEPALIVE: {idle.TotalSeconds:0.0} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"OPT={(ushort)option.Code}: {Convert.ToHexStringLower(option.Data.Span)}"),
    };

    public static string Quoted(ReadOnlySpan<byte> octets)
    {
        var text = new StringBuilder();
        Escapes.AppendQuoted(text, octets);
        return text.ToString();
    }
}
