using System.Text;
using DnsFlow.Lists;
using DnsFlow.Names;
using DnsFlow.Protocol;
using FsCheck;
using FsCheck.Fluent;

namespace DnsFlow.Tests.Lists;

public sealed class ListPropertyTests
{
    private static readonly string[] s_pieces =
    [
        "||", "@@", "^", "|", "$", "*", "/", "important", "dnstype=", "A", "~", ",", "dnsrewrite=", ";", "client=", "denyallow=", "badfilter", "##", "!", "[", "]",
        "address=/", "server=/", "local=/", "#", "local-zone: ", "local-data: ", "\"", "redirect", "static", "CNAME", "rpz-passthru.", "$ORIGIN ", "$TTL 5", "(", ")", "SOA",
        "24.0.2.0.192.rpz-client-ip", "rpz-ip", "0.0.0.0", "192.0.2.1", "::1", "a.example", "b.a.example", "*.c.example", "é", "\\", "\t", " ", "\r", ".", "..", "xn--", "1",
    ];

    [Fact]
    public void Read_AnyText_EndsInAListOrOneSentence()
    {
        var line = Gen.ListOf(Gen.Elements(s_pieces), 6).Select(static pieces => string.Concat(pieces));
        var text = Gen.ListOf(line, 8).Select(static lines => string.Join('\n', lines));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2_000), Prop.ForAll(Arb.From(text), static text =>
        {
            var list = TestLists.Read(Encoding.UTF8.GetBytes(text), out var problem);
            return list is not null ? AnswersQuestions(list) : problem!.Length is > 0 and < 200;
        }));
    }

    [Fact]
    public void Read_AnyOctets_EndsInAListOrOneSentence() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1_000), Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), static octets =>
        {
            var list = TestLists.Read(octets, out var problem);
            return list is not null ? AnswersQuestions(list) : problem!.Length is > 0 and < 200;
        }));

    [Fact]
    public void Match_RandomLists_AgreesWithAskingEachPattern()
    {
        var label = Gen.Elements("a", "b", "c", "xn--d", "e-f");
        var name = Gen.Choose(1, 5).SelectMany(count => Gen.ArrayOf(label, count)).Select(static labels => string.Join('.', labels) + ".example");
        var pattern = Gen.Elements("=", "", "*.").SelectMany(prefix => name.Select(text => prefix + text));
        var lists = Gen.ListOf(Gen.ListOf(pattern, 8), 3).Select(static lists => lists.Select(static list => list.ToArray()).ToArray());
        var cases = lists.SelectMany(lists => Gen.ListOf(name, 8).Select(names => (lists, names.ToArray())));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(Arb.From(cases), static input =>
        {
            var (lists, names) = input;
            var set = TestLists.Set([.. lists.Select(Build)]);
            return names.All(name => Enumerable.Range(0, lists.Length).All(list =>
                TestLists.Ask(set, name, list: list).IsMatch == lists[list].Any(pattern => NamePattern.Parse(pattern).Covers(DomainName.Parse(name).Wire))));
        }));
    }

    [Fact]
    public void Match_NameOfManyListedSuffixes_FindsEach()
    {
        var labels = Enumerable.Repeat("a", 60).ToArray();
        using var builder = new ListBuilder("deep", new ListOptions(), 1 << 20);
        builder.BeginSource("deep.txt", isExcept: false);
        for (var i = 1; i <= 60; i++)
        {
            // All suffixes are listed, but only the shortest covers what is below it: more than a lookup remembers lie before it.
            builder.BeginLine(i);
            builder.Add(DomainName.Parse(string.Join('.', labels[..i])).Wire, i == 1 ? NameScope.AtAndBelow : NameScope.Exact);
        }

        builder.EndSource("domains", 60);
        var set = TestLists.Set(builder.Build());
        Assert.Equal(1, TestLists.Ask(set, "b." + string.Join('.', labels)).Describe()!.Line);
    }

    [Fact]
    public void Match_NameOfManyListedSuffixesBelowTheListedRoot_FindsTheRoot()
    {
        var labels = Enumerable.Repeat("a", 20).ToArray();
        using var builder = new ListBuilder("deep", new ListOptions(), 1 << 20);
        builder.BeginSource("deep.txt", isExcept: false);
        builder.BeginLine(1);
        builder.Add(DomainName.Root.Wire, NameScope.Below);
        for (var i = 1; i <= 20; i++)
        {
            builder.BeginLine(i + 1);
            builder.Add(DomainName.Parse(string.Join('.', labels[..i])).Wire, NameScope.Exact);
        }

        builder.EndSource("domains", 21);
        var set = TestLists.Set(builder.Build());
        Assert.Equal(1, TestLists.Ask(set, "b." + string.Join('.', labels)).Describe()!.Line);
    }

    private static ListData Build(string[] patterns)
    {
        using var builder = new ListBuilder("list", new ListOptions(), 1 << 20);
        builder.BeginSource("list.txt", isExcept: false);
        foreach (var pattern in patterns.Select(NamePattern.Parse))
        {
            builder.Add(pattern.Name, pattern.Scope);
        }

        builder.EndSource("domains", patterns.Length);
        return builder.Build();
    }

    private static bool AnswersQuestions(ListData list)
    {
        var set = TestLists.Set(list);
        foreach (var name in (string[])["a.example", "www.b.a.example", "c.example", "."])
        {
            if (TestLists.Ask(set, name).Describe() is { Line: < 0 })
            {
                return false;
            }
        }

        return true;
    }
}
