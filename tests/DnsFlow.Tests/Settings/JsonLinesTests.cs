using System.Text;
using DnsFlow.Settings;

namespace DnsFlow.Tests.Settings;

public class JsonLinesTests
{
    private static readonly JsonLines Lines = JsonLines.Parse(Encoding.UTF8.GetBytes("""
        {
          // a comment
          "DnsFlow": {
            "Shards": 1,
            "QueryRules": [
              { "Name": "a",
                "To": "x" },
              {
                "Name": "b", "Records": [ "A 192.0.2.1",
                  "A 192.0.2.2" ]
              },
            ]
          }
        }
        """));

    [Theory]
    [InlineData("DnsFlow", 3)]
    [InlineData("DnsFlow:Shards", 4)]
    [InlineData("dnsflow:queryrules:0:to", 7)]
    [InlineData("DnsFlow:QueryRules:1", 8)]
    [InlineData("DnsFlow:QueryRules:1:Records:1", 10)]
    [InlineData("DnsFlow:QueryRules:1:Missing:Key", 8)]
    [InlineData("Other", 0)]
    public void Find_Path_IsItsLineOrThatOfTheNearestAbove(string path, int line) => Assert.Equal(line, Lines.Find(path));
}
