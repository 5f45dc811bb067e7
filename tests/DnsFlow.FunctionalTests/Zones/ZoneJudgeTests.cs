using DnsFlow.FunctionalTests.Tools;
using DnsFlow.TestKit;

namespace DnsFlow.FunctionalTests.Zones;

/// <summary>
/// named-checkzone and nsd-checkzone judge zones of the data live: their verdicts are those on record, which the unit tests hold ours against. Other versions judge
/// otherwise, so only those of the record are asked.
/// </summary>
public sealed class ZoneJudgeTests
{
    private const string RecordedVersion = "9.18.";
    private const int Step = 6;

    [ToolFact("named-checkzone", "nsd-checkzone")]
    public async Task Judges_ZonesOfTheWorld_SayWhatIsOnRecord()
    {
        if (DnsFlowData.Folder is not { } folder || !(await ToolProcess.RunAsync("named-checkzone", "-v")).Output.Trim().StartsWith(RecordedVersion, StringComparison.Ordinal))
        {
            return;
        }

        var differing = new List<string>();
        var judged = 0;
        var lines = File.ReadLines(Path.Combine(folder, "zones", "index.tsv")).Skip(1).Select(static line => line.Split('\t'));
        foreach (var columns in lines.Where(static (columns, index) => index % Step == 0 && !columns[0].EndsWith(".gz", StringComparison.Ordinal)))
        {
            judged++;
            var path = Path.Combine(folder, columns[0]);
            var bind = await AcceptsAsync("named-checkzone", "-w", Path.GetDirectoryName(path)!, columns[1], Path.GetFileName(path));
            var nsd = await AcceptsAsync("nsd-checkzone", columns[1], path);
            if (bind != (columns[4] == "ok") || nsd != (columns[5] == "ok"))
            {
                differing.Add($"{columns[0]}: named-checkzone {bind}, on record {columns[4]}; nsd-checkzone {nsd}, on record {columns[5]}");
            }
        }

        Assert.True(judged > 80, $"only {judged} zones");
        Assert.Empty(differing);
    }

    private static async Task<bool> AcceptsAsync(string tool, params string[] arguments) => (await ToolProcess.RunAsync(tool, arguments)).Code == 0;
}
