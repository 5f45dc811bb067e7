using System.Text;
using DnsFlow.Server;
using Microsoft.Extensions.Configuration;

namespace DnsFlow.Tests.Server;

public sealed class ListUseTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dnsflow-listuse-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("[]", 1)]
    [InlineData("""[{ "Name": "a", "When": { "Lists": ["POLICY"] }, "Action": "block" }]""", 0)]
    [InlineData("""[{ "Name": "a", "When": { "Any": [{ "Lists": ["policy"] }] }, "Action": "block" }]""", 0)]
    [InlineData("""[{ "Name": "a", "When": { "Not": { "Lists": ["policy"] } }, "Action": "block" }]""", 0)]
    [InlineData("""[{ "Name": "a", "When": { "Lists": ["plain"] }, "Action": "block" }]""", 1)]
    public void Check_TriggersOnAnswers_WarnsWhenNoAnswerRuleAsksTheList(string answerRules, int warned)
    {
        File.WriteAllText(
            Path.Combine(_folder.FullName, "policy.rpz"),
            "$ORIGIN policy.example.\n@ 60 SOA ns h 1 2 3 4 5\nads.example 60 CNAME .\n24.0.2.0.192.rpz-ip 60 CNAME .\nns.bad.example.rpz-nsdname 60 CNAME .\n");
        File.WriteAllText(Path.Combine(_folder.FullName, "plain.txt"), "a.example\n");
        var json = $$"""
            { "DnsFlow": {
              "Upstreams": { "default": { "Servers": ["192.0.2.1"] } },
              "Lists": { "policy": { "Sources": ["policy.rpz"] }, "plain": { "Sources": ["plain.txt"] } },
              "QueryRules": [{ "Name": "q", "When": { "Lists": ["policy", "plain"] }, "Action": "block" }, { "Name": "rest", "Action": "forward", "To": "default" }],
              "AnswerRules": {{answerRules}}
            } }
            """;
        var root = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();
        var warnings = new List<string>();
        Assert.Empty(ProxyConfiguration.Check(root.GetSection("DnsFlow"), _folder.FullName, root, warnings: warnings));
        Assert.Equal(
            Enumerable.Repeat("DnsFlow:Lists:policy  2 entries on answers (rpz-ip, rpz-nsdname) never match, as no rule of AnswerRules asks the list", warned), warnings);
    }
}
