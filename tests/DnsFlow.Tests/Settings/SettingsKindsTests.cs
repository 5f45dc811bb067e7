using System.Net;
using DnsFlow.Settings;

namespace DnsFlow.Tests.Settings;

public sealed class SettingsKindsTests
{
    [Theory]
    [InlineData("250ms", 250.0)]
    [InlineData("2s", 2_000.0)]
    [InlineData("1.5s", 1_500.0)]
    [InlineData(" 5 m ", 300_000.0)]
    [InlineData("1h", 3_600_000.0)]
    [InlineData("1D", 86_400_000.0)]
    [InlineData("00:00:02", 2_000.0)]
    [InlineData("1.00:00:00", 86_400_000.0)]
    [InlineData("0", 0.0)]
    [InlineData("2", null)]
    [InlineData("-2s", null)]
    [InlineData("-00:00:02", null)]
    [InlineData("1e3s", null)]
    [InlineData("s", null)]
    [InlineData("", null)]
    [InlineData("1s2", null)]
    [InlineData("99999999999999999999d", null)]
    public void Duration_Text_IsRead(string text, double? milliseconds)
    {
        var read = SettingsKinds.Duration(TimeSpan.Zero, TimeSpan.FromDays(2)).TryParse(text, out var value, out _);
        Assert.Equal(milliseconds, read ? value.TotalMilliseconds : null);
    }

    [Theory]
    [InlineData("123", 123L)]
    [InlineData("64KB", 65_536L)]
    [InlineData("64kib", 65_536L)]
    [InlineData("1.5 MB", 1_572_864L)]
    [InlineData("1GB", 1L << 30)]
    [InlineData("7B", 7L)]
    [InlineData("0", 0L)]
    [InlineData("0.5", null)]
    [InlineData("-1", null)]
    [InlineData("64XB", null)]
    [InlineData("KB", null)]
    [InlineData("9999999999GB", null)]
    public void Size_Text_IsRead(string text, long? octets)
    {
        var read = SettingsKinds.Size(0, 1L << 40).TryParse(text, out var value, out _);
        Assert.Equal(octets, read ? value : null);
    }

    [Theory]
    [InlineData("200/s", 200.0)]
    [InlineData("60/m", 1.0)]
    [InlineData("7200/h", 2.0)]
    [InlineData("0", 0.0)]
    [InlineData("300", 300.0)]
    [InlineData("200/x", null)]
    [InlineData("1001/s", null)]
    [InlineData("-1/s", null)]
    public void Rate_Text_IsRead(string text, double? rate)
    {
        var read = SettingsKinds.Rate(1_000).TryParse(text, out var value, out _);
        Assert.Equal(rate, read ? value : null);
    }

    [Theory]
    [InlineData("5%", 0.05)]
    [InlineData("100%", 1.0)]
    [InlineData("101%", null)]
    [InlineData("5", null)]
    public void Percentage_Text_IsRead(string text, double? share)
    {
        var read = SettingsKinds.Percentage.TryParse(text, out var value, out _);
        Assert.Equal(share, read ? value : null);
    }

    [Theory]
    [InlineData("192.168.0.0/16", "192.168.0.0/16")]
    [InlineData("192.168.1.9", "192.168.1.9/32")]
    [InlineData("fd00::/8", "fd00::/8")]
    [InlineData("::1", "::1/128")]
    [InlineData("192.168.1.9/16", null)]
    [InlineData("192.168.0/24", null)]
    [InlineData("010.0.0.0/8", null)]
    [InlineData("10.0.0.0/33", null)]
    [InlineData("fe80::1%2", null)]
    [InlineData("[::1]", null)]
    [InlineData("children", null)]
    public void Network_Text_IsRead(string text, string? network)
    {
        var read = SettingsKinds.Network.TryParse(text, out var value, out _);
        Assert.Equal(network is null ? null : IPNetwork.Parse(network), read ? value : (IPNetwork?)null);
    }

    [Theory]
    [InlineData("TRUE", true)]
    [InlineData("false", false)]
    [InlineData("yes", null)]
    public void Boolean_Text_IsRead(string text, bool? expected)
    {
        var read = SettingsKinds.Boolean.TryParse(text, out var value, out _);
        Assert.Equal(expected, read ? value : null);
    }

    [Theory]
    [InlineData("nite", "night")]
    [InlineData("NIGHT", "night")]
    [InlineData("crop", "corp")]
    [InlineData("defualt", "default")]
    [InlineData("zzz", null)]
    [InlineData("", null)]
    [InlineData("x", null)]
    public void Find_Mistyped_GivesTheNearestName(string text, string? expected) =>
        Assert.Equal(expected, NearestSpelling.Find(text, ["default", "night", "corp"]));

    [Fact]
    public void Format_Bounds_AreWrittenAsPeopleWriteThem()
    {
        Assert.Equal(
            ["0", "250ms", "2s", "90s", "5m", "1h", "1d"],
            new[] { 0, 250, 2_000, 90_000, 300_000, 3_600_000, 86_400_000 }.Select(static ms => QuantityText.Format(TimeSpan.FromMilliseconds(ms))));
        Assert.Equal(["0", "100", "1KB", "1536KB", "1GB"], new[] { 0, 100, 1_024, 1_572_864, 1L << 30 }.Select(QuantityText.FormatSize));
    }
}
