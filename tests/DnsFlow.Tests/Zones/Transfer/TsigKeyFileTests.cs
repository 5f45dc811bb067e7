using DnsFlow.Protocol;
using DnsFlow.Zones.Transfer;

namespace DnsFlow.Tests.Zones.Transfer;

public sealed class TsigKeyFileTests : IDisposable
{
    private const string Good = "# made by hand\nkey \"Xfr.Example\" {\n\talgorithm hmac-sha512; // strong\n\tsecret \"AQID\";\n};\n";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dnsflow-key-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void TryParse_AsTsigKeygenWrites_IsRead()
    {
        Assert.True(TsigKeyFile.TryParse(Good, out var key, out _));
        Assert.Equal("xfr.example.", NameText.Print(key.Name));
        Assert.Equal("hmac-sha512.", NameText.Print(key.AlgorithmName));
    }

    [Theory]
    [InlineData("", "the file is not a TSIG key")]
    [InlineData("secret", "the file is not a TSIG key")]
    [InlineData("key a { algorithm hmac-sha256; };", "the file is not a TSIG key")]
    [InlineData("key a { secret \"AQID\"; secret \"AQID\"; };", "the file is not a TSIG key")]
    [InlineData("key \"a { algorithm hmac-sha256; secret \"AQID\"; };", "the file is not a TSIG key")]
    [InlineData("key a { algorithm hmac-md5; secret \"AQID\"; };", "the algorithm 'hmac-md5' is not supported; allowed: hmac-sha256")]
    [InlineData("key a { algorithm hmac-sha256; secret \"!SECRET!\"; };", "the secret is not base64")]
    [InlineData("key a..b { algorithm hmac-sha256; secret \"AQID\"; };", "the key's name 'a..b'")]
    public void TryParse_SomethingElse_SaysWhatIsAllowedAndNotTheSecret(string text, string message)
    {
        Assert.False(TsigKeyFile.TryParse(text, out _, out var error));
        Assert.StartsWith(message, error, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(UnixFileMode.UserRead, true)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite, true)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.GroupRead, false)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.OtherRead, false)]
    public void TryRead_Mode_OnlyTheOwnerMayRead(UnixFileMode mode, bool isRead)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var file = Path.Combine(_folder.FullName, "key");
        File.WriteAllText(file, Good);
        File.SetUnixFileMode(file, mode);

        Assert.Equal(isRead, TsigKeyFile.TryRead(file, out _, out var error));
        Assert.Equal(isRead, error is null);
    }

    [Fact]
    public void TryRead_NoFile_SaysSo()
    {
        Assert.False(TsigKeyFile.TryRead(Path.Combine(_folder.FullName, "none"), out _, out var error));
        Assert.Contains("cannot be read", error, StringComparison.Ordinal);
    }
}
