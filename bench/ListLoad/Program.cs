using System.Diagnostics;
using System.IO.Compression;
using DnsFlow.Flows;
using DnsFlow.Lists;
using DnsFlow.Protocol;
using DnsFlow.Queries;

// What lists cost: `ListLoad DATA [single|merged]` reads every list of DATA/blocklists and prints time, resident memory and the cost of a lookup.
// merged: all files are sources of one list; single: each file is a list of its own. names FILE: one name a line, read as one list.
var data = args[0];
var mode = args.Length > 1 ? args[1] : "merged";
var files = mode == "names"
    ? [args[2]]
    : Directory.EnumerateFiles(Path.Combine(data, "blocklists"), "*", SearchOption.AllDirectories)
        .Where(file => !file.EndsWith(".md", StringComparison.Ordinal) && !file.Contains("ipv4", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToArray();
var folder = Directory.CreateTempSubdirectory("listload").FullName;
var plain = files.Select(file => Unpack(file, folder)).ToList();
var options = mode == "single"
    ? plain.ToDictionary(file => Path.GetFileNameWithoutExtension(file).Replace('.', '-'), file => new ListOptions { Sources = [file] })
    : new Dictionary<string, ListOptions> { ["all"] = new() { Sources = plain } };
var place = new ListPlace(folder, new ListCopies(folder), 1L << 30, []);

// What the runtime itself needs to run this code is no cost of a list.
using (var warm = new ListStore(TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance))
{
    var tiny = Path.Combine(folder, "tiny.txt");
    File.WriteAllText(tiny, "||a.example^\n||b.example^$important\n/^ads[0-9]+\\./\n0.0.0.0 c.example\n");
    warm.Prepare(new Dictionary<string, ListOptions> { ["tiny"] = new() { Sources = [tiny] } }, place, (list, error) => Console.WriteLine($"{list}: {error}"));
}

GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
var before = Resident();
Console.WriteLine($"before {before >> 10:N0} KiB; " + string.Join(" ", File.ReadLines("/proc/self/status").Where(static line => line.StartsWith("Rss", StringComparison.Ordinal))));
using var store = new ListStore(TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
var cpu = Process.GetCurrentProcess().TotalProcessorTime;
var watch = Stopwatch.StartNew();
var set = store.Prepare(options, place, (list, error) => Console.WriteLine($"{list}: {error}"));
watch.Stop();
cpu = Process.GetCurrentProcess().TotalProcessorTime - cpu;
store.Activate(set);
var loaded = Resident();
GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
var collected = Resident();

var entries = set.Lists.Sum(list => list.Data!.Count);
var distinct = plain.Count == 0 ? 0 : Distinct(set);
Console.WriteLine($"lists {set.Lists.Length}  entries {entries:N0}  distinct names {distinct:N0}  skipped {set.Lists.Sum(list => list.Data!.Sources.Sum(source => source.Skipped.Values.Sum())):N0}");
Console.WriteLine($"load and compile {watch.Elapsed.TotalSeconds:F2} s, {cpu.TotalSeconds:F2} s of processor time");
Console.WriteLine($"counted {set.Bytes:N0} octets: {(double)set.Bytes / entries:F1} an entry, {(double)set.Bytes / distinct:F1} a name");
Console.WriteLine($"resident +{(loaded - before) >> 20} MiB after loading, +{(collected - before) >> 20} MiB after a collection: {(double)(collected - before) / distinct:F1} octets a name");
var heap = GC.GetGCMemoryInfo(GCKind.Any);
Console.WriteLine($"heap {heap.HeapSizeBytes >> 10:N0} KiB, committed {heap.TotalCommittedBytes >> 10:N0} KiB, fragmented {heap.FragmentedBytes >> 10:N0} KiB; pauses {GC.GetTotalPauseDuration().TotalMilliseconds:F1} ms in all");
foreach (var line in File.ReadLines("/proc/self/status").Where(static line => line.StartsWith("Rss", StringComparison.Ordinal)))
{
    Console.WriteLine(line);
}

Console.WriteLine($"patterns {set.Lists.Sum(list => list.Data!.Patterns.Length):N0}");

foreach (var list in set.Lists.Where(static list => !list.Data!.Patterns.IsEmpty))
{
    var always = list.Data!.Patterns.Where(static pattern => pattern.Pattern.Key.Length < 3).ToList();
    Console.WriteLine($"  {list.Name}: {list.Data.Patterns.Length:N0} patterns, {always.Count} of them tried on every name");
}

var sample = Sample(set, 200_000);
Measure("listed names", sample);
Measure("names below listed ones", [.. sample.Select(name => (byte[])[3, (byte)'w', (byte)'w', (byte)'w', .. name])]);
Measure("unlisted names", [.. sample.Select(name => (byte[])[1, (byte)'q', .. Reverse(name)])]);
Directory.Delete(folder, recursive: true);
return;

void Measure(string what, byte[][] names)
{
    var flow = new FlowFacts(new FlowKey(FlowTransport.Udp, FlowEndpoint.FromIPv4(0x7F000001, 40_000), FlowEndpoint.FromIPv4(0x7F000001, 53)), 0);
    var best = double.MaxValue;
    var bestAhead = double.MaxValue;
    var matches = 0;
    var lookups = new ListLookup[32];
    for (var round = 0; round < 5; round++)
    {
        matches = 0;
        var start = Stopwatch.GetTimestamp();
        foreach (var name in names)
        {
            var lookup = default(ListLookup);
            for (var list = 0; list < set.Lists.Length; list++)
            {
                matches += set.TryMatch(list, name, RecordType.A, flow, ref lookup, out _) ? 1 : 0;
            }
        }

        best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds / names.Length);
        start = Stopwatch.GetTimestamp();
        for (var i = 0; i < names.Length; i += 32)
        {
            var batch = names.AsSpan(i, Math.Min(32, names.Length - i));
            // As a shard does with what it received at once.
            for (var j = 0; j < batch.Length; j++)
            {
                set.Begin(batch[j], ref lookups[j]);
            }

            for (var j = 0; j < batch.Length; j++)
            {
                set.Continue(ref lookups[j]);
            }

            for (var j = 0; j < batch.Length; j++)
            {
                for (var list = 0; list < set.Lists.Length; list++)
                {
                    set.TryMatch(list, batch[j], RecordType.A, flow, ref lookups[j], out _);
                }
            }
        }

        bestAhead = Math.Min(bestAhead, Stopwatch.GetElapsedTime(start).TotalNanoseconds / names.Length);
    }

    Console.WriteLine($"{what,-24} {best,6:F0} ns a lookup, {bestAhead,6:F0} ns each in batches of 32; {matches:N0} matches of {names.Length:N0} names");
}

static byte[][] Sample(ListSet set, int count)
{
    var random = new Random(4711);
    var all = new List<byte[]>();
    foreach (var list in set.Lists)
    {
        list.Data!.Records.ForEachName((name, _) => all.Add(name.ToArray()));
    }

    // Copied in the order they are asked in: a name that is asked has just come out of a socket.
    return [.. Enumerable.Range(0, count).Select(_ => all[random.Next(all.Count)].ToArray())];
}

static int Distinct(ListSet set)
{
    var names = new HashSet<string>();
    foreach (var list in set.Lists)
    {
        list.Data!.Records.ForEachName((name, _) => names.Add(System.Text.Encoding.Latin1.GetString(name)));
    }

    return names.Count;
}

static byte[] Reverse(byte[] name)
{
    var reversed = name.ToArray();
    for (var position = 0; reversed[position] != 0; position += reversed[position] + 1)
    {
        reversed.AsSpan(position + 1, reversed[position]).Reverse();
    }

    return reversed;
}

static long Resident()
{
    var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmRSS", StringComparison.Ordinal));
    return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) << 10;
}

static string Unpack(string file, string folder)
{
    var path = Path.Combine(folder, Path.GetFileName(Path.GetDirectoryName(file)) + "-" + Path.GetFileName(file).Replace(".gz", "", StringComparison.Ordinal));
    using var source = file.EndsWith(".gz", StringComparison.Ordinal) ? (Stream)new GZipStream(File.OpenRead(file), CompressionMode.Decompress) : File.OpenRead(file);
    using var target = File.Create(path);
    source.CopyTo(target);
    return path;
}
