using System.Text.RegularExpressions;
using DnsFlow.Names;
using DnsFlow.Policy;
using DnsFlow.Tests.Lists;

namespace DnsFlow.Tests.Names;

public sealed class ExpressionCostTests
{
    [Theory]
    [InlineData(@"^ads[0-9]+\.")]
    [InlineData(@"^[a-z0-9]{32}\.")]
    [InlineData(@"[a-z]{1,63}\.top$")]
    [InlineData(@"(^|\.)(ad[sv]?|banner|track(er|ing)?)[0-9]{0,3}\.")]
    [InlineData(@"^(.+[_.-])?adse?rv(er?|ice)?s?[0-9]*[_.-]")]
    [InlineData("")]
    public void IsBounded_ExpressionsOfLists_Are(string text) => Assert.True(ExpressionCost.IsBounded(Compiled(text), text));

    [Theory]
    [InlineData("a.{12}$")]
    [InlineData("a.{63}$")]
    [InlineData("(a|b|ab)*c.{100}$")]
    [InlineData("(a.{1,60}b.{1,60})$")]
    [InlineData("a[^b]{1,60}c[^d]{1,60}e$")]
    public void IsBounded_ExpressionsWhoseAutomatonGrows_AreNot(string text) => Assert.False(ExpressionCost.IsBounded(Compiled(text), text));

    [Fact]
    public void TryParse_CostlyExpression_IsRefusedWithTheReason()
    {
        Assert.False(NameRegex.TryParse("a.{16}$", out _, out var error));
        Assert.StartsWith("it needs too large an automaton", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_CostlyExpressionInAList_IsSkipped()
    {
        var list = TestLists.Read("/a.{16}$/\n/^ads[0-9]+\\./\n");
        Assert.Single(list.Patterns);
        Assert.Equal(1, list.Sources[0].Skipped.Values.Sum());
    }

    private static Regex Compiled(string text) =>
        new(text, RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture);
}
