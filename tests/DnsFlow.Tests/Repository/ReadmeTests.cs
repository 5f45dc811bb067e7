using System.Text;
using System.Text.RegularExpressions;
using DnsFlow.Server;
using Microsoft.Extensions.Configuration;

namespace DnsFlow.Tests.Repository;

/// <summary>What the README shows works, and what it points to is there.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string s_text = File.ReadAllText(Path.Combine(SourceTree.Root, "README.md"));

    [Fact]
    public void Configurations_OfTheReadmeAndTheDefault_AreRight()
    {
        var blocks = Block().Matches(s_text).Select(match => match.Groups[1].Value).ToList();
        Assert.True(blocks.Count >= 2);
        blocks.Add(File.ReadAllText(Path.Combine(SourceTree.Root, "appsettings.json")));
        foreach (var block in blocks)
        {
            var root = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(block))).Build();
            Assert.Empty(ProxyConfiguration.Check(root, SourceTree.Root, root));
        }
    }

    [Fact]
    public void Links_LeadToFilesOfTheRepository()
    {
        var links = Link().Matches(s_text).Select(match => match.Groups[1].Value).Where(link => !link.Contains("://", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(links);
        Assert.All(links, link => Assert.True(Path.Exists(Path.Combine(SourceTree.Root, link)), $"{link} is not there"));
    }

    [GeneratedRegex(@"```jsonc?\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"\]\(([^)]+)\)")]
    private static partial Regex Link();
}
