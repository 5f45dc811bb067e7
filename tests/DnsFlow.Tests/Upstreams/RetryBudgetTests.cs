using DnsFlow.Upstreams;
using FsCheck;
using FsCheck.Fluent;

namespace DnsFlow.Tests.Upstreams;

public class RetryBudgetTests
{
    private const long Second = 1_000_000;

    [Fact]
    public void TryTake_QuietProxy_HasTheFloor()
    {
        var budget = new RetryBudget();
        Assert.Equal(RetryBudget.Floor, Enumerable.Range(0, 100).Count(_ => budget.TryTake(3_600 * Second)));
        Assert.True(budget.TryTake(3_610 * Second));
    }

    [Fact]
    public void TryTake_AnyLoad_StaysBelowATenthOverTenSeconds()
        => Check.One(Config.QuickThrowOnFailure.WithMaxTest(200).WithEndSize(300), Prop.ForAll<(byte Questions, byte Retries, byte Gap)[]>(load =>
        {
            var budget = new RetryBudget();
            var now = 3_600 * Second;
            var questions = new List<long>();
            var retries = new List<long>();
            foreach (var (asked, wanted, gap) in load)
            {
                now += gap * 10_000L;
                questions.AddRange(Enumerable.Repeat(now / Second, asked));
                Enumerable.Range(0, asked).ToList().ForEach(_ => budget.CountQuestion(now));
                retries.AddRange(Enumerable.Range(0, wanted).Where(_ => budget.TryTake(now)).Select(_ => now / Second));
                var recent = now / Second;

                // What was allowed before may have been a tenth of more questions than are left in the window: the window slides by whole seconds.
                var bound = Math.Max(RetryBudget.Floor, questions.Count(second => recent - second < 20) / 10);
                if (retries.Count(second => recent - second < 10) > bound)
                {
                    return false;
                }
            }

            return true;
        }));
}
