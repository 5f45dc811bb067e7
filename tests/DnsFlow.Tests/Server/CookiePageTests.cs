using System.Text.RegularExpressions;
using DnsFlow.Queries;
using DnsFlow.Server;
using DnsFlow.Server.Plans;
using DnsFlow.Settings;
using DnsFlow.Tests.Repository;
using DnsFlow.Tests.Settings;

namespace DnsFlow.Tests.Server;

/// <summary>docs/cookies.md: its configurations are right, and its file of secrets is one. Also what is wrong with others.</summary>
public sealed partial class CookiePageTests : IDisposable
{
    private static readonly string s_text = File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "cookies.md")).ReplaceLineEndings("\n");
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    [Fact]
    public void Page_Configurations_AreRight()
    {
        var examples = Json().Matches(s_text);
        Assert.Equal(2, examples.Count);
        foreach (Match example in examples)
        {
            Assert.NotNull(Read(example.Groups[1].Value));
        }

        Assert.True(Read(examples[1].Groups[1].Value).Upstreams["default"] is { Cookies: true, RandomCase: true });
    }

    [Fact]
    public void Page_File_IsAFileOfSecrets()
    {
        Write(Secrets().Match(s_text).Groups[1].Value);
        Assert.NotNull(Load(out var errors));
        Assert.Empty(errors);
    }

    [Theory]
    [InlineData("xyz", UnixFileMode.UserRead, "line 1 is not a secret of 32 hexadecimal digits")]
    [InlineData("445536bcd2513298075a5d379663c962", UnixFileMode.UserRead | UnixFileMode.GroupRead, "others may read it; its mode must be 0600 or less")]
    public void Load_WrongFile_IsAnErrorAtItsKey(string text, UnixFileMode mode, string problem)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        Write(text);
        File.SetUnixFileMode(Path.Combine(_folder, "cookie.key"), mode);
        Assert.Null(Load(out var errors));
        Assert.Equal($"DnsFlow:Cookies:SecretFile  'cookie.key': {problem}", Assert.Single(errors).ToString());
    }

    [Fact]
    public void Load_NoFile_IsAnErrorAtItsKey()
    {
        Load(out var errors);
        Assert.Equal("DnsFlow:Cookies:SecretFile  'cookie.key': there is no such file", Assert.Single(errors).ToString());
    }

    [Fact]
    public void Load_SwitchedOff_HasNone()
        => Assert.Null(new CookieLoader().Load(Read("\"Cookies\": { \"Enabled\": false }"), _folder, TimeProvider.System, new SettingsErrors()));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static ProxyOptions Read(string json)
    {
        var errors = new SettingsErrors();
        var root = SettingsText.Layers($$"""{ "DnsFlow": { {{json}} } }""");
        ProxyOptions.TryRead(root.GetSection("DnsFlow"), out var options, errors, root);
        Assert.Empty(errors);
        return options;
    }

    private void Write(string text)
    {
        var path = Path.Combine(_folder, "cookie.key");
        File.WriteAllText(path, text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    private ServerCookies? Load(out SettingsErrors errors)
    {
        errors = new SettingsErrors();
        return new CookieLoader().Load(Read("\"Cookies\": { \"SecretFile\": \"cookie.key\" }"), _folder, TimeProvider.System, errors);
    }

    [GeneratedRegex(@"^```jsonc\n(.*?)\n```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Json();

    [GeneratedRegex(@"^```\n(# cookie.key.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Secrets();
}
